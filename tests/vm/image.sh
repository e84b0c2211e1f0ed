#!/usr/bin/env bash
# image.sh - print the directory of a bootable Debian: vmlinuz, initrd, disk.ext4
#
# Made once by mmdebstrap (about 80 s) and kept below $XDG_CACHE_HOME or /var/cache, under a name
# that changes with this file. At boot it mounts the directory that qemu shares, runs guest.sh from
# it with the second serial port as output, and powers off.
set -eu

key=$(sha256sum "$0" | cut -c1-12)
cache=${XDG_CACHE_HOME:-/var/cache}/hull-tests/vm-$key
[ -e "$cache/disk.ext4" ] && { echo "$cache"; exit 0; }

packages=systemd,systemd-sysv,dbus,libpam-systemd,linux-image-amd64,kmod,apparmor,apparmor-utils
packages+=,bats,jq,busybox-static,iproute2,procps,util-linux,strace,uidmap,python3-minimal,acl,attr
packages+=,libseccomp2,libcap2,libcap2-bin,libyajl2,libmnl0,gcc,libc6-dev,e2fsprogs,fuse-overlayfs

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mmdebstrap --quiet --variant=minbase --include="$packages" bookworm "$work/root" >&2
cat >"$work/root/etc/systemd/system/hull-test.service" <<'UNIT'
[Unit]
Description=hull's tests
After=dbus.service systemd-logind.service systemd-user-sessions.service
[Service]
Type=oneshot
Environment=HOME=/root LANG=C.UTF-8
ExecStart=/bin/sh -c 'mkdir -p /mnt/hull && mount -t 9p -o trans=virtio,version=9p2000.L,ro hull /mnt/hull && exec bash /mnt/hull/guest.sh >/dev/ttyS1 2>&1 </dev/null'
ExecStopPost=/bin/systemctl poweroff --no-block
TimeoutStartSec=infinity
Delegate=yes
UNIT
wants=$work/root/etc/systemd/system/multi-user.target.wants
mkdir -p "$wants"
ln -s ../hull-test.service "$wants/"
mkdir -p "$work/out"
cp "$work"/root/boot/vmlinuz-* "$work/out/vmlinuz"
cp "$work"/root/boot/initrd.img-* "$work/out/initrd"
mke2fs -q -t ext4 -d "$work/root" "$work/out/disk.ext4" 3000M >&2
mkdir -p "${cache%/*}"
rm -rf "$cache"
mv "$work/out" "$cache"
echo "$cache"
