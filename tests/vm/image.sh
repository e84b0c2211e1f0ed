#!/usr/bin/env bash
# image.sh - print the directory of a bootable Debian: vmlinuz, initrd, disk.ext4
#
# Made once by mmdebstrap (about 80 s) and kept below $XDG_CACHE_HOME or /var/cache, under a name
# that changes with this file. At boot it mounts the directory that qemu shares, runs guest.sh from
# it with the second serial port as output, and powers off. An ordinary user, "tester", has a
# systemd manager of its own from the start, to which the controllers are delegated.
set -eu

key=$(sha256sum "$0" | cut -c1-12)
cache=${XDG_CACHE_HOME:-/var/cache}/hull-tests/vm-$key
[ -e "$cache/disk.ext4" ] && { echo "$cache"; exit 0; }

packages=systemd,systemd-sysv,dbus,dbus-user-session,libpam-systemd,linux-image-amd64,kmod,apparmor
packages+=,bats,jq,busybox-static,iproute2,procps,util-linux,strace,uidmap,python3,acl,attr
packages+=,libseccomp2,libcap2,libcap2-bin,libyajl2,libmnl0,gcc,libc6-dev,e2fsprogs,fuse-overlayfs

# Loaded before the root disk is looked for, which on a busy host takes udev longer than the initrd
# waits.
export disk_modules="virtio_pci virtio_blk"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mmdebstrap --quiet --variant=minbase --include="$packages" \
	--customize-hook='chroot "$1" useradd --create-home --uid 1000 --shell /bin/bash tester' \
	--customize-hook='printf "%s\n" $disk_modules >>"$1/etc/initramfs-tools/modules"' \
	--customize-hook='chroot "$1" update-initramfs -u' \
	bookworm "$work/root" >&2

# write PATH - standard input becomes a file of the image
write() {
	mkdir -p "$work/root${1%/*}"
	cat >"$work/root$1"
}

# enable UNIT - as systemctl would
enable() {
	mkdir -p "$work/root/etc/systemd/system/multi-user.target.wants"
	ln -s "../$1" "$work/root/etc/systemd/system/multi-user.target.wants/"
}

write /etc/systemd/system/hull-test.service <<'UNIT'
[Unit]
Description=hull's tests
After=dbus.service systemd-logind.service systemd-user-sessions.service user@1000.service
[Service]
Type=oneshot
Environment=HOME=/root LANG=C.UTF-8
ExecStart=/usr/local/sbin/hull-test
ExecStopPost=/bin/systemctl poweroff --no-block
StandardOutput=file:/dev/ttyS1
StandardError=inherit
TimeoutStartSec=infinity
Delegate=yes
UNIT
enable hull-test.service
# the device may be found a moment after its driver has been loaded
write /usr/local/sbin/hull-test <<'SCRIPT'
#!/bin/sh
mkdir -p /mnt/hull
for i in 1 2 3 4 5 6 7 8 9 10; do
	mount -t 9p -o trans=virtio,version=9p2000.L,ro hull /mnt/hull && exec bash /mnt/hull/guest.sh
	sleep 1
done
SCRIPT
chmod 0755 "$work/root/usr/local/sbin/hull-test"
write /etc/systemd/system/user@.service.d/delegate.conf <<'UNIT'
[Service]
Delegate=cpu cpuset io memory pids
UNIT
write /var/lib/systemd/linger/tester </dev/null
# nobody is here long enough to need these
for unit in apt-daily apt-daily-upgrade dpkg-db-backup e2scrub_all fstrim; do
	ln -s /dev/null "$work/root/etc/systemd/system/$unit.timer"
done

mkdir -p "$work/out"
cp "$work"/root/boot/vmlinuz-* "$work/out/vmlinuz"
cp "$work"/root/boot/initrd.img-* "$work/out/initrd"
mke2fs -q -t ext4 -d "$work/root" "$work/out/disk.ext4" 3000M >&2
mkdir -p "${cache%/*}"
rm -rf "$cache"
mv "$work/out" "$cache"
echo "$cache"
