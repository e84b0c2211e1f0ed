# guest.sh - inside the virtual machine: the tests, from a writable copy
set -u
. /mnt/hull/leg
echo "kernel $(uname -r), leg $LEG, $(stat -fc %T /sys/fs/cgroup) on /sys/fs/cgroup"
mkdir -p /srv/work
cp -r /mnt/hull/tests /mnt/hull/build /srv/work/
cd /srv/work || exit 1
export HULL=/srv/work/build/hull HULL_MANAGER
TEST_TIMEOUT=3000 tests/run.sh none root
