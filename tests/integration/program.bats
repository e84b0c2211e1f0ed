# the program of a container: what is missing is told apart, at create, in the words callers match
load lib

test_setup() {
	config '.root.readonly = false'
}

# program WORD - it is the only argument
program() {
	config '.process.args = [$p]' --arg p "$1"
}

# says TEXT - create and run refuse it with this reason
says() {
	fails "hull: create $ID: $1*" create "$ID"
	fails "hull: run $ID: $1*" run -d "$ID"
	refused "hull: run $ID: $1*" run "$ID"
	is 1 "$failure"
}

@test "a name that is nowhere in PATH" {
	program missing
	says 'exec: "missing": executable file not found in $PATH'
}

@test "an absolute path that is not there" {
	program /no/such/program
	says 'exec: "/no/such/program": stat /no/such/program: no such file or directory'
}

@test "a path below a file" {
	touch rootfs/file
	program /file/program
	says 'exec: "/file/program": not a directory'
}

@test "a directory" {
	program /bin
	says 'exec: "/bin": is a directory'
	mkdir rootfs/bin/tool # by PATH as well
	program /bin/tool
	says 'exec: "/bin/tool": is a directory'
}

@test "a file that may not be executed" {
	echo text >rootfs/bin/tool
	chmod 644 rootfs/bin/tool
	program /bin/tool
	says 'exec: "/bin/tool": permission denied'
	program tool
	says 'exec: "tool": permission denied'
}

@test "in PATH a directory and a file that may not be executed are passed over for one that may" {
	mkdir -p rootfs/a/tool rootfs/b rootfs/c
	echo text >rootfs/b/tool
	printf '#!/bin/sh\necho right\n' >rootfs/c/tool
	chmod 755 rootfs/c/tool
	program tool
	config '.process.env = ["PATH=/none:/a:/b:/c"]'
	is right "$(hull run "$ID")"
}

@test "a script whose interpreter is missing" {
	printf '#!/opt/lang/bin/lang -x\n' >rootfs/bin/tool
	chmod 755 rootfs/bin/tool
	program /bin/tool
	says 'exec: "/bin/tool": its interpreter /opt/lang/bin/lang: no such file or directory'
	program tool
	says 'exec: "/bin/tool": its interpreter /opt/lang/bin/lang: no such file or directory'
	printf '#! \t/opt/lang\n' >rootfs/bin/tool
	says 'exec: "/bin/tool": its interpreter /opt/lang: no such file or directory'
	printf '#!/opt/lang' >rootfs/bin/tool
	says 'exec: "/bin/tool": its interpreter /opt/lang: no such file or directory'
}

@test "a script whose interpreter is there" {
	printf '#!/bin/sh -e\necho "$0 $#"\n' >rootfs/bin/tool
	chmod 755 rootfs/bin/tool
	program tool
	is "/bin/tool 0" "$(hull run "$ID")"
}

@test "an ELF program whose loader is missing" {
	echo 'int main(void) { return 0; }' >main.c
	gcc -o rootfs/bin/tool main.c -Wl,--dynamic-linker=/lib/ld-nowhere.so.1
	program /bin/tool
	says 'exec: "/bin/tool": its interpreter /lib/ld-nowhere.so.1: no such file or directory'
}

@test "an ELF program with a broken header is the kernel's to refuse" {
	head -c 64 rootfs/bin/busybox >rootfs/bin/tool
	chmod 755 rootfs/bin/tool
	program /bin/tool
	refused "hull: run $ID: exec: \"/bin/tool\": *" run "$ID"
}

@test "a file that is nothing the kernel knows" {
	echo 'just words' >rootfs/bin/tool
	chmod 755 rootfs/bin/tool
	program /bin/tool
	refused "hull: run $ID: exec: \"/bin/tool\": exec format error" run "$ID"
	: >rootfs/bin/tool # and an empty one
	refused "hull: run $ID: exec: \"/bin/tool\": exec format error" run "$ID"
}

@test "a FIFO, a socket or a device as program is permission denied, and nothing waits for it" {
	mkfifo rootfs/bin/pipe
	chmod 755 rootfs/bin/pipe
	program /bin/pipe
	refused 'hull: *: exec: "/bin/pipe": permission denied*' run "$ID"
	program /dev/null
	refused 'hull: *: exec: "/dev/null": permission denied*' run "$ID"
}

@test "a program on a file system that forbids execution" {
	config '.mounts += [{destination: "/mnt", type: "bind", source: "rootfs/bin", options: ["bind", "noexec"]}]'
	program /mnt/busybox
	refused 'hull: *: exec: "/mnt/busybox": permission denied*' run "$ID"
}

@test "a program that only its owner may execute" {
	printf '#!/bin/sh\necho ran\n' >rootfs/bin/tool
	chmod 700 rootfs/bin/tool
	program /bin/tool
	is ran "$(hull run "$ID")"
	config '.process.user = {uid: 1000, gid: 1000}'
	refused 'hull: *: exec: "/bin/tool": permission denied*' run "$ID"
}

@test "a link to a program of the host is not followed out of the container" {
	printf '#!/bin/sh\necho host\n' >"$BATS_TEST_TMPDIR/hosttool"
	chmod 755 "$BATS_TEST_TMPDIR/hosttool"
	ln -s "$BATS_TEST_TMPDIR/hosttool" rootfs/bin/tool
	program /bin/tool
	says 'exec: "/bin/tool": stat /bin/tool: no such file or directory'
}

@test "a loop of links" {
	ln -s loop rootfs/bin/loop
	program /bin/loop
	says 'exec: "/bin/loop": too many levels of symbolic links'
}

@test "an empty name, an empty list, no list, no process" {
	config '.process.args = [""]'
	says 'process.args (line *): args must not be empty'
	config '.process.args = []'
	says 'process.args (line *): args must not be empty'
	config 'del(.process.args)'
	says 'process.args*: args must not be empty'
	config 'del(.process)'
	says 'process: is required'
}
