# debian.bash - a Debian root file system, as a distribution makes one

# debian_root - its directory is $DEBIAN; made once, kept for later runs, and to be left as it is
debian_root() {
	command -v mmdebstrap >/dev/null || skip "mmdebstrap is not installed"
	local suite cache
	suite=$(. /etc/os-release && [ "$ID" = debian ] && echo "$VERSION_CODENAME") || true
	cache=${XDG_CACHE_HOME:-/var/cache}/hull-tests
	DEBIAN=$cache/${suite:-stable}
	[ ! -d "$DEBIAN" ] || return 0
	mkdir -p "$cache"
	rm -rf "$DEBIAN.new"
	if ! mmdebstrap --quiet --mode=root --variant=minbase "${suite:-stable}" "$DEBIAN.new" \
		>"$BATS_TEST_TMPDIR/mmdebstrap" 2>&1; then
		rm -rf "$DEBIAN.new"
		skip "mmdebstrap made no root file system: $(tail -n 1 "$BATS_TEST_TMPDIR/mmdebstrap")"
	fi
	mv "$DEBIAN.new" "$DEBIAN"
}
