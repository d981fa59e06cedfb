#!/bin/sh
# Makes every raster from the SVG masters. Needs rsvg-convert (Debian: librsvg2-bin).
set -eu
cd "$(dirname "$0")"

raster() { # SVG SIZE PNG
    rsvg-convert --width "$2" --height "$2" --output "$3" "$1"
}

# "light" is for a light panel, so its ink is dark; "dark" is the other way round.
ink_light='#1d1c1a'
ink_dark='#f1efe9'

mkdir -p tray
for state in signed-in needs-you locked offline; do
    for theme in light dark; do
        eval "ink=\$ink_$theme"
        for size in 22 24 32 48; do
            sed "s/currentColor/$ink/g" "tray-$state.svg" |
                raster /dev/stdin "$size" "tray/$state-$theme-$size.png"
        done
    done
done

raster lanyard.svg 32 ../src-tauri/icons/32x32.png
raster lanyard.svg 128 ../src-tauri/icons/128x128.png
raster lanyard.svg 256 ../src-tauri/icons/128x128@2x.png
raster lanyard.svg 512 ../src-tauri/icons/icon.png
