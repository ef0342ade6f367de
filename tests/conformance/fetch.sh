#!/bin/sh
# fetch.sh PACKAGE SOURCE DIR: puts the source of an installed package into DIR, from the distribution's own
# source package: `fetch.sh erlang-base erlang DIR`, `fetch.sh elixir elixir-lang DIR`.
# Needs apt, but neither root nor a change of the system's package lists: the source lists are this
# machine's own package lists, read into a private directory.
set -eu
package=$1 source=$2 dir=$3
version=$(dpkg-query -W -f '${source:Version}' "$package")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/parts" "$work/state/partial" "$work/cache/partial" "$work/source"
for list in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    [ -f "$list" ] || continue
    case $list in
        *.sources) sed 's/^Types:.*/Types: deb-src/' "$list" > "$work/parts/$(basename "$list")" ;;
        *) sed -n 's/^deb\(-src\)\{0,1\} /deb-src /p' "$list" | sort -u > "$work/parts/$(basename "$list" .list).list" ;;
    esac
done
apt() {
    apt-get -q -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/parts" -o Dir::State::Lists="$work/state" \
        -o Dir::Cache="$work/cache" -o APT::Sandbox::User= "$@"
}
# a list without sources of its own is no reason to stop: what counts is whether the package is found
apt update || true
cd "$work/source"
apt source --download-only "$source=$version" || apt source --download-only "$source"
mkdir -p "$dir.new"
tar -xf "$source"_*.orig.tar.* --strip-components=1 -C "$dir.new"
rm -rf "$dir"
mv "$dir.new" "$dir"
echo "the source of $package ($version) is in $dir"
