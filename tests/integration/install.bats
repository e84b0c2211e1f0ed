# install: what `make install` and the Debian package put where, and that it goes away again
load lib
load helpers/debian

# make_tree TARGET [VARIABLES...] - of the tree that these tests belong to, with the program as it is
make_tree() {
	[ -e "$TESTS/../Makefile" ] && [ -e "$TESTS/../build/hull" ] ||
		skip "there is no built tree around these tests"
	command -v make >/dev/null || skip "make is not installed"
	env -u MAKEFLAGS -u MAKELEVEL make -s -C "$TESTS/.." -o all "$@"
}

@test "install: program, manual, completion; uninstall leaves none of them" {
	make_tree install DESTDIR="$BATS_TEST_TMPDIR/to" PREFIX=/usr
	is "./bin/hull
./share/bash-completion/completions/hull
./share/fish/vendor_completions.d/hull.fish
./share/man/man8/hull.8
./share/zsh/site-functions/_hull" "$(cd "$BATS_TEST_TMPDIR/to/usr" && find . -type f | LC_ALL=C sort)"
	cmp "$BATS_TEST_TMPDIR/to/usr/bin/hull" "$TESTS/../build/hull"
	is 755 "$(stat -c %a "$BATS_TEST_TMPDIR/to/usr/bin/hull")"
	make_tree uninstall DESTDIR="$BATS_TEST_TMPDIR/to" PREFIX=/usr
	is "" "$(find "$BATS_TEST_TMPDIR/to" -type f)"
}

@test "bash completes commands, options and containers" {
	source "$TESTS/../docs/completion/hull.bash"
	hull() { "$HULL" --root "$ROOT" "$@"; }
	complete_line() {
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_hull
		echo "${COMPREPLY[@]}"
	}
	is "start state" "$(complete_line hull st)"
	is "start state" "$(complete_line hull --root /run st)"
	is "--pidfd-socket --pid-file" "$(complete_line hull exec --pi)"
	sh_config 'sleep 100'
	detached "$ID"
	is "$ID" "$(complete_line hull kill "$ID")"
	is "" "$(complete_line hull kill other)"
}

@test "every command and option stands in the manual and in the completions" {
	for command in $("$HULL" --help | awk '/^Options/ { exit } /^  / { print $1 }'); do
		for file in man/hull.8 completion/hull.bash completion/_hull completion/hull.fish; do
			grep -q "\\b$command\\b" "$TESTS/../docs/$file"
		done
		for option in $("$HULL" "$command" --help | grep -o -e '--[a-z-]*' | sort -u); do
			case $option in --help) continue ;; esac
			grep -qF "Fl \\-${option#--}" "$TESTS/../docs/man/hull.8" ||
				{ echo "$command $option is not in hull.8" && return 1; }
			grep -q -e "$option" "$TESTS/../docs/completion/hull.bash"
		done
	done
}

@test "the Debian package installs in a clean system, works, and is removed without a trace" {
	command -v dpkg-shlibdeps >/dev/null || skip "dpkg-dev is not installed"
	debian_root
	deb=$(make_tree deb BUILD="$BATS_TEST_TMPDIR/out" B="$(cd "$TESTS/.." && pwd)/build")
	cp -a "$DEBIAN" "$BATS_TEST_TMPDIR/clean"
	cp "$deb" "$BATS_TEST_TMPDIR/clean/hull.deb"
	clean="unshare --mount --pid --fork chroot $BATS_TEST_TMPDIR/clean"
	$clean find / -xdev -not -path '/proc/*' -not -path '/var/*' | sort >before
	$clean apt-get update -qq >log 2>&1 && $clean apt-get install -qq -y /hull.deb >>log 2>&1 ||
		{ cat log && return 1; }
	matches "hull version *" "$($clean hull --version)"
	matches "*mountOptions*" "$($clean hull features)"
	test -s "$BATS_TEST_TMPDIR/clean/usr/share/man/man8/hull.8.gz" || # minbase leaves manuals out
		grep -q man "$BATS_TEST_TMPDIR/clean/etc/dpkg/dpkg.cfg.d"/*
	$clean apt-get purge -qq -y --autoremove hull >log 2>&1 || { cat log && return 1; }
	$clean find / -xdev -not -path '/proc/*' -not -path '/var/*' | sort >after
	is "" "$(comm -13 before after | grep -i hull)"
	rm -rf "$BATS_TEST_TMPDIR/clean"
}
