#!/usr/bin/env bash
# world.sh DIRECTORY - the first process of namespaces for Podman (podman.bash), which has them already
set -e
dir=$1
mount -t proc proc /proc
mount -t tmpfs -o mode=0755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mkdir -p /var/lib/containers /var/lib/cni
mount -t tmpfs tmpfs /var/lib/containers
mount -t tmpfs tmpfs /var/lib/cni
# an /etc to write to: users, and the ranges of ids that --userns=auto takes
mount -t tmpfs tmpfs "$dir/etc"
mkdir "$dir/etc/upper" "$dir/etc/work"
mount -t overlay -o "lowerdir=/etc,upperdir=$dir/etc/upper,workdir=$dir/etc/work" overlay /etc
echo containers:2147483647:2147483648 | tee -a /etc/subuid >>/etc/subgid
if [ -e /dev/net/tun ]; then
	mknod -m 0666 /run/tun c 10 200
	mount --bind /run/tun /dev/net/tun
fi
# bind mounts of named network namespaces are passed on to all
mount --make-rshared /
touch "$dir/ready"
exec catatonit -P
