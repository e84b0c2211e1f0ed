# guest.sh - inside the virtual machine: the tests, from a writable copy
set -u
. /mnt/hull/leg
echo "kernel $(uname -r), cgroup $LEG, $(stat -fc %T /sys/fs/cgroup) on /sys/fs/cgroup"
mkdir -p /srv/work
cp -r /mnt/hull/tests /mnt/hull/build /srv/work/
cd /srv/work || exit 1
# what needs the network, or the build tree, stays on the host
rm -f tests/integration/inputs.bats tests/integration/demo.bats
if [ -n "$FILES" ]; then
	for file in tests/integration/*.bats; do
		case " $FILES " in *" $(basename "$file" .bats) "*) ;; *) rm "$file" ;; esac
	done
fi
HULL=/srv/work/build/hull TEST_TIMEOUT=1500 tests/run.sh none root
