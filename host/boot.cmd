# SPDX-License-Identifier: Apache-2.0
# U-Boot's script on a flash disk (boot/slot.h): boots the slot that is to be
# tried, or the good one. U-Boot's own bootcmd finds it and says where, in
# devtype and devnum.
setenv slot_version
setenv slot_good a
setenv slot_tries 0
setenv slot_fit @FIT_RAM@
${devtype} dev ${devnum}
for block in @STATE_BLOCKS@; do
	if test "${slot_version}" = ""; then
		${devtype} read ${slot_fit} ${block} 1 && env import -c ${slot_fit} @STATE_BYTES@ slot_version slot_good slot_tries
	fi
done
if test "${slot_version}" = ""; then
	echo "bedplate: no valid slot state on ${devtype} ${devnum}; trying slot a, then b"
	setenv slot_version @FORMAT@
fi

if test ${slot_version} -gt @FORMAT@; then
	echo "bedplate: slot state of format ${slot_version}, this boot script knows @FORMAT@; write a newer flash.img"
	setenv slots
else
	if test "${slot_good}" = b; then setenv slots b a; else setenv slots a b; fi
	if test ${slot_tries} -gt 0; then
		setexpr slot_tries ${slot_tries} - 1
		env export -c -s @STATE_BYTES@ ${slot_fit} slot_version slot_good slot_tries
		if @WRITE_STATE@; then
			if test "${slot_good}" = b; then setenv slots a b; else setenv slots b a; fi
			echo "bedplate: trying a new image, ${slot_tries} tries left"
		else
			echo "bedplate: cannot count the tries of a new image on ${devtype} ${devnum}; not trying it"
		fi
	fi
fi

for slot in ${slots}; do
	setenv slot_block @A_BLOCK@
	if test ${slot} = b; then setenv slot_block @B_BLOCK@; fi
	setenv slot_size 0
	${devtype} read ${slot_fit} ${slot_block} 1 && fdt addr ${slot_fit} && fdt header get slot_size totalsize
	setexpr slot_size ${slot_size} + 1ff
	setexpr slot_size ${slot_size} / 200
	if itest ${slot_size} == 0; then
		echo "bedplate: slot ${slot} is empty"
	elif itest ${slot_size} -gt @SLOT_BLOCKS@; then
		echo "bedplate: slot ${slot}: an image larger than the slot; write it again"
	else
		${devtype} read ${slot_fit} ${slot_block} ${slot_size}
		setenv slot_format
		fdt get value slot_format /configurations/conf bedplate,format
		fdt get value bootargs /configurations/conf bedplate,bootargs
		if test "${slot_format}" = ""; then
			echo "bedplate: slot ${slot}: no image of Bedplate"
		elif itest ${slot_format} -gt @FORMAT@; then
			echo "bedplate: slot ${slot}: an image of format ${slot_format}, this boot script knows @FORMAT@; write a newer flash.img"
		else
			setenv bootargs "${bootargs} bedplate.slot=${slot}"
			echo "bedplate: booting slot ${slot}"
			bootm ${slot_fit}#conf
			echo "bedplate: slot ${slot} does not boot"
		fi
	fi
done
echo "bedplate: no slot boots; put an image into one with tools/flash_image.py"
