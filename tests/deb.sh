#!/bin/sh
# deb.sh - a Debian package of the tree that `make install` made: deb.sh TREE VERSION DIRECTORY PROGRAM
#
# What it depends on is read from PROGRAM, hull as it is where it can load libraries; libmnl, which it
# loads on use, is said here. Prints the package's path.
set -eu
tree=$1 version=$2 directory=$3 program=$(realpath "$4")

arch=$(dpkg --print-architecture)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/debian"
cp -a "$tree" "$work/debian/hull"
find "$work/debian/hull" -name '*.[1-8]' -exec gzip -9n {} +
install -D -m 0644 LICENSE "$work/debian/hull/usr/share/doc/hull/copyright"

# dpkg-shlibdeps wants a source package around it
mkdir "$work/debian/hull/DEBIAN"
cp "$program" "$work/program"
printf 'Source: hull\n\nPackage: hull\nArchitecture: any\n' >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O -e program | sed 's/^shlibs:Depends=//')

cat >"$work/debian/hull/DEBIAN/control" <<EOF
Package: hull
Version: $version
Architecture: $arch
Maintainer: hull <hull@localhost>
Installed-Size: $(du -sk "$work/debian/hull" | cut -f1)
Depends: $depends, libmnl0
Recommends: uidmap
Section: admin
Priority: optional
Description: daemonless OCI container runtime
 Reads the config.json of an OCI bundle, builds the namespaces, mounts, control
 groups and system call filter that it asks for, executes the program and ends.
 Takes the command lines of runc and crun, in whose place Docker, containerd,
 Podman, CRI-O and Kubernetes can use it.
EOF
mkdir -p "$directory"
dpkg-deb --root-owner-group --build "$work/debian/hull" "$directory/hull_${version}_$arch.deb" >/dev/null
echo "$directory/hull_${version}_$arch.deb"
