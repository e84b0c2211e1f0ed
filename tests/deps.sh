#!/bin/sh
# deps.sh - what hull needs from the distribution: deps.sh build|test|callers|bench|vm [--print]
#
# build: to compile and to run the demo. test: that, and what the checks and tests use. callers: what
# to compile, and the programs that use hull, for tests/callers. bench: what to compile, and what to
# measure hull beside. vm: what to compile, and to boot a virtual machine.
# Says what is missing, then installs it as root; an ordinary user is told and gets status 1. When
# nothing is missing it says nothing. With --print it only says.
# shellcheck disable=SC2048,SC2086 # lists of words
set -eu

# For: how to see that it is there, and the package by apt, dnf, apk and pacman; "-" is no package.
# c: a command (of the daemons too), s: a static one, p: a pkg-config module, h: a header, x: a helper,
# py: a module of Python's, gcc: and clang: a file of theirs.
table() {
	cat <<-'END'
		build c:gcc                        gcc                gcc                gcc             gcc
		build c:make                       make               make               make            make
		build c:pkg-config                 pkg-config         pkgconf-pkg-config pkgconf         pkgconf
		build h:stdio.h                    libc6-dev          glibc-devel        musl-dev        glibc
		build h:linux/openat2.h            linux-libc-dev     kernel-headers     linux-headers   linux-api-headers
		build p:libseccomp                 libseccomp-dev     libseccomp-devel   libseccomp-dev  libseccomp
		build p:libcap                     libcap-dev         libcap-devel       libcap-dev      libcap
		build p:yajl                       libyajl-dev        yajl-devel         yajl-dev        yajl
		build p:libmnl                     libmnl-dev         libmnl-devel       libmnl-dev      libmnl
		build s:busybox                    busybox-static     busybox            busybox-static  busybox
		test  p:cmocka                     libcmocka-dev      libcmocka-devel    cmocka-dev      cmocka
		test  c:bash                       bash               bash               bash            bash
		test  c:bats                       bats               bats               bats            bats
		test  c:jq                         jq                 jq                 jq              jq
		test  c:python3                    python3            python3            python3         python
		test  c:strace                     strace             strace             strace          strace
		test  c:unshare                    util-linux         util-linux         util-linux      util-linux
		test  c:script                     bsdutils           util-linux         util-linux-misc util-linux
		test  c:setpriv                    util-linux         util-linux         setpriv         util-linux
		test  c:ip                         iproute2           iproute            iproute2        iproute2
		test  c:ps                         procps             procps-ng          procps          procps-ng
		test  c:newuidmap                  uidmap             shadow-utils       shadow-uidmap   shadow
		test  c:mmdebstrap                 mmdebstrap         -                  -               -
		test  c:dpkg-shlibdeps             dpkg-dev           -                  -               -
		test  c:umoci                      umoci              umoci              umoci           -
		test  c:nm                         binutils           binutils           binutils        binutils
		test  c:clang                      clang              clang              clang           clang
		test  c:clang-tidy                 clang-tidy         clang-tools-extra  clang-extra-tools clang
		test  c:clang-format               clang-format       clang-tools-extra  clang-extra-tools clang
		test  c:cppcheck                   cppcheck           cppcheck           cppcheck        cppcheck
		test  gcc:libc.a                 libc6-dev          glibc-static       musl-dev        glibc
		test  gcc:libasan.so               gcc                libasan            -               gcc-libs
		test  gcc:libubsan.so              gcc                libubsan           -               gcc-libs
		test  clang:asan                   libclang-rt-14-dev compiler-rt        compiler-rt     compiler-rt
		test  clang:fuzzer                 libclang-rt-14-dev compiler-rt        compiler-rt     compiler-rt
		test  c:valgrind                   valgrind           valgrind           valgrind        valgrind
		callers c:dockerd                  docker.io          moby-engine        docker-engine   docker
		callers c:docker                   docker.io          docker-cli         docker-cli      docker
		callers c:docker-init              docker.io          tini               tini            docker
		callers c:docker-compose           docker-compose     docker-compose     -               docker-compose
		callers c:ctr                      containerd         containerd         containerd-ctr  containerd
		callers c:containerd-shim-runc-v2  containerd         containerd         containerd      containerd
		callers c:iptables                 iptables           iptables-nft       iptables        iptables
		callers c:podman                   podman             podman             podman          podman
		callers c:conmon                   conmon             conmon             conmon          conmon
		callers c:buildah                  buildah            buildah            buildah         buildah
		callers c:catatonit                catatonit          catatonit          catatonit       catatonit
		callers x:/usr/lib/podman/netavark netavark           netavark           netavark        netavark
		callers x:/usr/lib/podman/aardvark-dns aardvark-dns   aardvark-dns       aardvark-dns    aardvark-dns
		callers x:/usr/lib/cni/bridge      containernetworking-plugins containernetworking-plugins cni-plugins cni-plugins
		callers c:slirp4netns              slirp4netns        slirp4netns        slirp4netns     slirp4netns
		callers c:newuidmap                uidmap             shadow-utils       shadow-uidmap   shadow
		callers py:grpc                    python3-grpcio     python3-grpcio     py3-grpcio      python-grpcio
		callers py:google.protobuf         python3-protobuf   python3-protobuf   py3-protobuf    python-protobuf
		bench c:hyperfine                  hyperfine          hyperfine          hyperfine       hyperfine
		bench c:crun                       crun               crun               crun            crun
		bench c:runc                       runc               runc               runc            runc
		bench c:perf                       linux-perf         perf               perf            perf
		bench x:/usr/share/containers/seccomp.json golang-github-containers-common containers-common containers-common containers-common
		vm    c:qemu-system-x86_64         qemu-system-x86    -                  -               -
		vm    c:mmdebstrap                 mmdebstrap         -                  -               -
		vm    c:mke2fs                     e2fsprogs          e2fsprogs          e2fsprogs       e2fsprogs
	END
}

have() {
	case $1 in
	c:*) command -v "${1#c:}" >/dev/null ;;
	s:*) have "c:${1#s:}" && ! ldd "$(command -v "${1#s:}")" >/dev/null 2>&1 ;;
	p:*) pkg-config --exists "${1#p:}" 2>/dev/null ;;
	h:*) [ -e "/usr/include/${1#h:}" ] ;;
	x:*) [ -e "${1#x:}" ] || [ -x "/usr/libexec/podman/${1##*/}" ] || [ -x "/usr/libexec/cni/${1##*/}" ] ;;
	py:*) /usr/bin/python3 -c "import ${1#py:}" 2>/dev/null ;;
	gcc:*) case $(gcc -print-file-name="${1#gcc:}" 2>/dev/null) in /*) ;; *) false ;; esac ;;
	clang:*) [ -e "$(clang -print-file-name="libclang_rt.${1#clang:}-$(uname -m).a" 2>/dev/null)" ] ;;
	esac
}

manager() {
	for m in apt-get dnf apk pacman; do
		command -v $m >/dev/null && echo $m && return
	done
	echo "deps: none of apt-get, dnf, apk, pacman is here: see the table in $0" >&2
	return 1
}

column() {
	case $1 in apt-get) echo 3 ;; dnf) echo 4 ;; apk) echo 5 ;; pacman) echo 6 ;; esac
}

# The rows of the table that apply and are not there.
lacking() {
	table | while read -r scope probe names; do
		[ "$scope" = build ] || [ "$scope" = "$what" ] || continue
		have "$probe" || echo "$scope $probe $names"
	done
}

# Lists that are missing or old refuse what there is, so they are fetched first. Packages that the
# release does not have are left out: their tests say why they are skipped.
apt_install() {
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq || echo "deps: going on with the package lists that are here" >&2
	for package in $*; do
		if apt-cache policy "$package" | grep -q 'Candidate: [^(]'; then
			set -- "$@" "$package"
		else
			echo "deps: apt knows no $package: going on without" >&2
		fi
	done
	shift # the list
	apt-get install -qq -y --no-install-recommends "$@"
}

what=${1:-}
case $what in build | test | callers | bench | vm) ;; *)
	echo "usage: $0 build|test|callers|bench|vm [--print]" >&2
	exit 2
	;;
esac
rows=$(lacking)
if [ -z "$rows" ]; then
	[ "${2:-}" != --print ] || echo "deps: nothing is missing"
	exit 0
fi
pm=$(manager)
packages=$(echo "$rows" | awk -v n="$(column "$pm")" '$n != "-" { print $n }' | sort -u | xargs)
[ -n "$packages" ] || exit 0
if [ "${2:-}" = --print ]; then
	echo "deps: $pm would install: $packages"
	exit 0
fi
if [ "$(id -u)" != 0 ]; then
	echo "deps: missing, and only root can install: $packages" >&2
	exit 1
fi
echo "deps: $pm installs: $packages"
case $pm in
apt-get) apt_install "$packages" ;;
dnf) dnf install -q -y $packages ;;
apk) apk add -q $packages ;;
pacman) pacman -Sy --noconfirm --needed -q $packages ;;
esac >/dev/null
