# hull - `make help` lists the targets. These are what the command line may set:
BUILD ?= build
FLAVOUR ?= release
V ?=
WERROR ?=
LINK ?=
DEPS ?= build
PREFIX ?= /usr/local
VERSION ?= 0.1.0
DESTDIR ?=
CFLAGS ?= -Os -g
PKG_CONFIG ?= pkg-config
ifeq ($(origin CC),default)
CC := gcc
endif

# The program of every day is build/hull; the other flavours have a directory of their own.
B := $(BUILD)$(if $(filter release,$(FLAVOUR)),,/$(FLAVOUR))
Q := $(if $(V),,@)
# make -s: nothing but warnings and errors
SILENT := $(findstring s,$(filter-out --%,$(firstword $(MAKEFLAGS))))
say = $(if $(V)$(SILENT),,@printf '  %-8s %s\n' $(1) $(2))
MAKEFLAGS += --no-print-directory --no-builtin-rules
export PYTHONDONTWRITEBYTECODE := 1
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

LIBS := libseccomp libcap yajl libmnl
WARNINGS := -Wall -Wextra -Wshadow -Wvla -Wundef -Wformat=2 -Wstrict-prototypes \
	-Wmissing-prototypes -Wswitch-enum -Wpointer-arith $(if $(WERROR),-Werror)
LANGUAGE := -std=c11 -D_GNU_SOURCE -Iinclude
# a flag that not every compiler knows on every architecture
probe = $(shell $(CC) -Werror $(1) -c -x c -o /dev/null /dev/null 2>/dev/null && echo $(1))
HARDENING := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
	$(call probe,-fstack-clash-protection)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer \
	-DARENA_BLOCK_SIZE=0

# nothing unwinds; a debugger reads .debug_frame
FLAGS_release := $(HARDENING) -fno-unwind-tables -fno-asynchronous-unwind-tables
FLAGS_debug := -O0 -g3
FLAGS_asan := -O1 $(SANITIZE)
FLAGS_fuzz := -O1 -g $(SANITIZE) -fsanitize=fuzzer-no-link
ifeq ($(filter release debug asan fuzz,$(FLAVOUR)),)
$(error FLAVOUR=$(FLAVOUR): expected release, debug, asan or fuzz)
endif

# without the libraries these are empty; $(B)/compile.flags says so before anything is compiled
pkg = $(shell $(PKG_CONFIG) $(1) 2>/dev/null)
ALL_CFLAGS := $(LANGUAGE) -MMD -MP $(WARNINGS) $(CFLAGS) $(FLAGS_$(FLAVOUR)) -fPIE \
	-ffunction-sections -fdata-sections $(call pkg,--cflags $(LIBS))
LINK_FLAGS := $(filter -fsanitize=%,$(FLAGS_$(FLAVOUR))) -Wl,-z,relro,-z,now,-z,noexecstack \
	-Wl,--build-id,--as-needed,--gc-sections,-z,pack-relative-relocs $(LDFLAGS)
ALL_LDFLAGS := -pie $(LINK_FLAGS)
# Loading the C library is a fifth of what a short command takes, each further one nearly as much. So
# hull is static where all four have an archive; a sanitizer needs a dynamic program. yajl's archive is
# named unlike its library; libmnl and libsystemd are loaded on use: restart_shared().
archive = $(firstword $(wildcard $(foreach l,$(2),$(call pkg,--variable=libdir $(1))/lib$l.a)) \
	$(call pkg,--libs $(1)))
ARCHIVES := $(call archive,libseccomp,seccomp) $(call archive,libcap,cap) $(call archive,yajl,yajl_s yajl)
FOUND := $(filter /%.a,$(ARCHIVES) $(shell $(CC) -print-file-name=libc.a))
LINK := $(or $(LINK),$(if $(word 4,$(FOUND)),static,shared))
ifeq ($(LINK),static)
LDLIBS := $(ARCHIVES)
else ifeq ($(LINK),shared)
LDLIBS := $(call pkg,--libs libseccomp libcap yajl)
else
$(error LINK=$(LINK): expected static or shared)
endif
LDLIBS += -ldl
STATIC := $(and $(filter static,$(LINK)),$(filter release debug,$(FLAVOUR)))

SRC := $(filter-out src/gate/%,$(wildcard src/*/*.c))
OBJ := $(SRC:%.c=$(B)/obj/%.o) $(B)/obj/gate_image.o $(B)/obj/shared_image.o
UNIT := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))
UNIT_HELP := $(patsubst tests/unit/%.c,$(B)/obj/tests/unit/%.o,\
	$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c)))
HEADERS := $(wildcard include/hull/*.h src/*/*.h)

## all: the program, build/hull (LINK=shared, WERROR=1, V=1, CC=clang)
all: $(B)/hull

## debug: build/debug/hull, not optimised
## asan: build/asan/hull, under AddressSanitizer and UndefinedBehaviorSanitizer
debug asan:
	$(Q)$(MAKE) FLAVOUR=$@ all

# Recompile when the flags change, link again when only the libraries do.
keep_if_same = mkdir -p $(@D); echo '$(1)' | cmp -s - $@ || echo '$(1)' >$@
$(B)/compile.flags: FORCE
	@$(PKG_CONFIG) --exists --print-errors $(LIBS) || \
		{ echo "libraries are missing: see \`make deps\`" >&2; exit 1; }
	@$(call keep_if_same,$(CC) $(ALL_CFLAGS))
$(B)/link.flags: FORCE
	@$(call keep_if_same,$(CC) $(ALL_LDFLAGS) $(LDLIBS) $(STATIC))

# of all files main.c alone says which hull this is
COMMIT := $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
$(B)/version.flags: FORCE
	@$(call keep_if_same,$(VERSION) $(COMMIT))
$(B)/obj/src/cli/main.o: $(B)/version.flags
$(B)/obj/src/cli/main.o: ALL_CFLAGS += -DHULL_VERSION='"$(VERSION)"' -DHULL_COMMIT='"$(COMMIT)"'

# The program that can load libraries, and the static one, which has the first inside it.
LOADING := $(B)/hull$(if $(STATIC),-shared)
$(LOADING): $(OBJ) $(B)/link.flags
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(OBJ) $(LDLIBS)
ifneq ($(STATIC),)
STATIC_OBJ := $(filter-out %/base/library.o %/shared_image.o,$(OBJ)) $(B)/static/library.o \
	$(B)/static/shared_image.o
$(B)/hull: $(STATIC_OBJ) $(B)/link.flags
	$(call say,LINK,$@)
	$(Q)$(CC) -static-pie $(LINK_FLAGS) -o $@ $(STATIC_OBJ) $(LDLIBS)
endif

$(B)/obj/%.o: %.c $(B)/compile.flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(if $(filter tests/%,$<),-Isrc) -c -o $@ $<

# The gate runs where no library is and no sanitizer could: nothing of the flags above is for it.
GATE_FLAGS := -Os -ffreestanding -fno-stack-protector -fno-asynchronous-unwind-tables \
	-fcf-protection=none -static -nostdlib -nostartfiles -fno-pie -s \
	-Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,noexecstack \
	-Wl,--section-start=.block=$(shell awk '/define GATE_BLOCK_ADDRESS/ { print $$3 }' include/hull/gate.h)
$(B)/gate: src/gate/gate.c $(B)/compile.flags
	$(call say,GATE,$@)
	$(Q)$(CC) -std=c11 -Iinclude -MMD -MP -MF $@.d $(WARNINGS) $(GATE_FLAGS) -o $@ $<

# $(call embed,NAME): the symbols NAME_image, a file, and NAME_image_end; gate.h and restart.h have them
define embed
	$(call say,EMBED,$<)
	@mkdir -p $(@D)
	$(Q)printf '%s\n' '.section .rodata.$(1)_image,"a",%progbits' '.balign 16' \
		'.globl $(1)_image' '.globl $(1)_image_end' '.hidden $(1)_image' '.hidden $(1)_image_end' \
		'$(1)_image: .incbin "$<"' '$(1)_image_end:' '.section .note.GNU-stack,"",%progbits' | \
		$(CC) -x assembler -c -o $@ -
endef
$(B)/obj/gate_image.o: $(B)/gate
	$(call embed,gate)
$(B)/obj/shared_image.o: $(B)/static/nothing
	$(call embed,shared)
$(B)/static/shared_image.o: $(B)/static/stripped
	$(call embed,shared)
$(B)/static/nothing:
	@mkdir -p $(@D)
	@: >$@
$(B)/static/stripped: $(B)/hull-shared
	@mkdir -p $(@D)
	$(Q)strip -o $@ $<
$(B)/static/library.o: src/base/library.c $(B)/compile.flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -DHULL_STATIC -c -o $@ $<

# Every tests/unit/test_*.c is a program; the other files there help all of them.
$(B)/unit.a: $(UNIT_HELP) $(filter-out %/cli/main.o,$(OBJ))
	@rm -f $@
	$(Q)$(AR) rcs $@ $^
$(B)/unit/%: $(B)/obj/tests/unit/%.o $(B)/unit.a $(B)/link.flags
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< $(B)/unit.a $(LDLIBS) $(call pkg,--libs cmocka)
unit-programs: $(UNIT)

## deps: say what `sudo make demo` would install (DEPS=test: what check would, DEPS=callers)
deps:
	@tests/deps.sh $(DEPS) --print
deps-test deps-callers deps-vm deps-bench:
	@tests/deps.sh $(@:deps-%=%)

## demo: install what is missing, build, run a container, as root
demo:
	@MAKE="$(MAKE)" tests/demo.sh

## check: install what tests need, build, run every test that this host can run
## check-unit: the unit tests alone, under the sanitizers (without: FLAVOUR=release)
## check-root: the integration tests alone, as root (HULL=program)
check check-unit check-root: deps-test
	$(Q)$(MAKE) all
	$(Q)$(MAKE) FLAVOUR=$(UNIT_FLAVOUR) unit-programs
	@HULL="$(or $(HULL),$(abspath $(B)/hull))" JOBS="$(JOBS)" tests/run.sh \
		$(BUILD)$(if $(filter release,$(UNIT_FLAVOUR)),,/$(UNIT_FLAVOUR))/unit \
		$(patsubst check-%,%,$(filter check-%,$@))
UNIT_FLAVOUR := $(if $(filter file,$(origin FLAVOUR)),asan,$(FLAVOUR))

## check-property: generated configs, and what the container then is (COUNT=300 SEED=1; PEERS_EVERY=5: runc and crun, too)
COUNT ?= 300
SEED ?= 1
export COUNT SEED
check-property: all
	@HULL="$(or $(HULL),$(abspath $(B)/hull))" tests/run.sh - property

## check-crash: every command killed, and failed, at each (EVERY=10: each tenth) of its system calls
EVERY ?= 1
$(B)/crash: $(wildcard tests/crash/*.[ch]) $(B)/compile.flags
	$(call say,CC,$@)
	$(Q)$(CC) $(LANGUAGE) $(WARNINGS) $(CFLAGS) -o $@ $(filter %.c,$^)
check-crash: all $(B)/crash
	@tests/crash/run.sh $(B)/crash "$(or $(HULL),$(abspath $(B)/hull))" $(EVERY)

## fuzz: parsers against hostile input, under the sanitizers (TIME=seconds each, TARGETS=names)
TIME ?= 60
FUZZ_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/fuzz/*.c))
# what tests/fuzz/world.c and tests/fuzz/netlink.c answer in the place of the kernel
FUZZ_WRAP := open openat fstatat access mkdirat unlinkat socketpair waitid kill pidfd_open \
	pidfd_send_signal sched_setaffinity setns sys_clone3 fd_connect_unix library_load recvfrom
$(B)/targets: $(FUZZ_OBJ) $(B)/unit.a $(B)/link.flags
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer $(FUZZ_WRAP:%=-Wl,--wrap=%) -o $@ $(FUZZ_OBJ) \
		$(B)/unit.a $(LDLIBS)
fuzz: deps-test
	$(Q)$(MAKE) FLAVOUR=fuzz CC=clang $(BUILD)/fuzz/targets
	@tests/fuzz/run.sh $(BUILD)/fuzz $(TIME) $(TARGETS)

## check-valgrind: the parent side of every command, and the fuzzers' inputs, under memcheck
$(B)/valgrind/replay: $(FUZZ_OBJ) $(B)/obj/tests/valgrind/replay.o $(B)/unit.a $(B)/link.flags
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $(FUZZ_WRAP:%=-Wl,--wrap=%) -o $@ $(filter %.o,$^) \
		$(B)/unit.a $(LDLIBS)
$(B)/valgrind/pidfd.so: tests/valgrind/pidfd.c $(B)/compile.flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LANGUAGE) $(WARNINGS) $(CFLAGS) -fPIC -shared -o $@ $<
check-valgrind: deps-test
	$(Q)$(MAKE) all $(B)/valgrind/replay $(B)/valgrind/pidfd.so
	@tests/valgrind/run.sh $(B)/valgrind "$(or $(HULL),$(abspath $(LOADING)))"

## check-callers: Docker and its like on hull, as root (HULL=program)
check-callers: deps-test deps-callers
	$(Q)$(MAKE) all
	@HULL="$(or $(HULL),$(abspath $(B)/hull))" tests/run.sh - callers

## check-budget: system calls, memory and size, each within what docs/performance.md grants it
## bench: docs/performance.md, beside crun and runc; for a machine that does nothing else (ROUNDS, RUNS)
$(B)/floor: tests/bench/floor.c $(B)/compile.flags
	$(call say,CC,$@)
	$(Q)$(CC) $(LANGUAGE) $(WARNINGS) $(CFLAGS) -o $@ $<
check-budget: deps-test
	$(Q)$(MAKE) all $(B)/floor
	$(Q)$(MAKE) LINK=shared BUILD=$(BUILD)/shared all
	@tests/bench/budget.py $(abspath $(B)/hull $(B)/floor) $(BUILD)/shared/hull
bench: deps-bench
	$(Q)$(MAKE) all $(B)/floor
	@tests/bench/bench.py $(abspath $(B)/hull $(B)/floor) docs
	@tests/bench/report.py docs

## check-attack: hostile images and containers against hull, as root (HULL=program)
check-attack: deps-test
	$(Q)$(MAKE) all
	@HULL="$(or $(HULL),$(abspath $(B)/hull))" tests/run.sh - attack

## check-vm: the integration tests on Debian in virtual machines (LEGS=v2, v2-systemd, hybrid, v1; FILES)
LEGS ?= v2 hybrid v1
check-vm: deps-vm
	$(Q)$(MAKE) all
	@HULL="$(or $(HULL),$(abspath $(B)/hull))" FILES="$(FILES)" tests/vm/run.sh $(LEGS)

## lint: all of the checks below
LINT := lint-tidy lint-cppcheck lint-analyzer lint-layers lint-headers lint-format lint-size \
	lint-banned lint-docs lint-security
lint: $(LINT)
$(LINT): | deps-test

## lint-tidy: clang-tidy, by .clang-tidy
lint-tidy: $(SRC:%=$(BUILD)/tidy/%) $(BUILD)/tidy/src/gate/gate.c
TIDY_INCLUDE := -include tests/lint/analyzer.h
$(BUILD)/tidy/src/base/err.c $(BUILD)/tidy/src/config/spec.c: TIDY_INCLUDE :=
# the analyzer does not see what a bare system call writes, and one of them returns an address
$(BUILD)/tidy/src/gate/gate.c: TIDY := --checks=-clang-analyzer-core.*,-performance-no-int-to-ptr
$(BUILD)/tidy/%: % .clang-tidy tests/lint/analyzer.h $(HEADERS) | deps-test
	$(call say,TIDY,$<)
	@mkdir -p $(@D)
	@clang-tidy --quiet $(TIDY) $< -- $(LANGUAGE) $(TIDY_INCLUDE) 2>/dev/null # where it counts
	@touch $@

## lint-cppcheck: cppcheck
# comparePointers: gate_image and its end are two labels of one array
lint-cppcheck:
	@cppcheck --quiet --std=c11 --enable=warning,performance,portability --error-exitcode=1 \
		--suppress=comparePointers -D_GNU_SOURCE -D__x86_64__ -Iinclude src

## lint-analyzer: gcc's own, path by path through each file
lint-analyzer: $(SRC:%=$(BUILD)/analyzer/%)
$(BUILD)/analyzer/%: % $(HEADERS) | deps-test
	$(call say,ANALYZE,$<)
	@mkdir -p $(@D)
	@gcc $(LANGUAGE) -O1 -fanalyzer -Werror -c -o /dev/null $<
	@touch $@

## lint-layers: who calls whom, by the symbols of the objects
lint-layers: $(OBJ)
	@tests/lint/layers.py $(B)/obj

## lint-security: tests that docs/security.md names exist
lint-security:
	@tests/lint/security.sh

## lint-headers: each header compiles alone
lint-headers:
	@tests/lint/headers.sh $(CC)

## lint-size: functions, files and headers that are too long
## lint-banned: functions that hull does without
lint-size lint-banned:
	@tests/lint/$(@:lint-%=%).py

## lint-docs: the documents that the code prints are as it prints them
## docs: print them
$(B)/docs/%: $(B)/obj/tests/docs/%.o $(B)/unit.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< $(B)/unit.a $(LDLIBS) $(call pkg,--libs cmocka)
PRINTED := docs/lifecycle.md docs/config-support.md docs/man/hull.8 docs/completion/hull.bash \
	docs/completion/hull.fish docs/completion/_hull
$(B)/printed: $(B)/docs/lifecycle $(B)/docs/config_support $(B)/docs/cli docs/man/hull.8.in
	@mkdir -p $@/docs/man $@/docs/completion
	@$(B)/docs/lifecycle >$@/docs/lifecycle.md
	@$(B)/docs/config_support >$@/docs/config-support.md || { rm -r $@; exit 1; }
	@$(B)/docs/cli man <docs/man/hull.8.in >$@/docs/man/hull.8
	@$(B)/docs/cli bash >$@/docs/completion/hull.bash
	@$(B)/docs/cli fish >$@/docs/completion/hull.fish
	@$(B)/docs/cli zsh >$@/docs/completion/_hull
lint-docs: $(B)/printed
	@for f in $(PRINTED); do diff -u $$f $</$$f || bad=1; done; exit $${bad:-0}
docs: $(B)/printed
	@cp -r $</docs .

## lint-format: clang-format, by .clang-format
## format: rewrite the sources accordingly
FORMATTED := $(wildcard src/*/*.[ch] include/hull/*.h tests/unit/*.[ch] tests/docs/*.c \
	tests/crash/*.[ch] tests/bench/*.c tests/fuzz/*.[ch] tests/valgrind/*.c)
lint-format:
	@for f in $(FORMATTED); do clang-format $$f | cmp -s - $$f || \
		{ echo "$$f: not as \`make format\` has it"; bad=1; }; done; exit $${bad:-0}
format:
	@clang-format -i $(FORMATTED)

## install: program, manual and completion below $(DESTDIR)$(PREFIX)
## uninstall: remove them
SHARE := $(DESTDIR)$(PREFIX)/share
INSTALLED := $(DESTDIR)$(PREFIX)/bin/hull $(SHARE)/man/man8/hull.8 \
	$(SHARE)/bash-completion/completions/hull $(SHARE)/zsh/site-functions/_hull \
	$(SHARE)/fish/vendor_completions.d/hull.fish
install: all
	install -D -m 0755 $(B)/hull $(DESTDIR)$(PREFIX)/bin/hull
	install -D -m 0644 docs/man/hull.8 $(SHARE)/man/man8/hull.8
	install -D -m 0644 docs/completion/hull.bash $(SHARE)/bash-completion/completions/hull
	install -D -m 0644 docs/completion/_hull $(SHARE)/zsh/site-functions/_hull
	install -D -m 0644 docs/completion/hull.fish $(SHARE)/fish/vendor_completions.d/hull.fish
uninstall:
	rm -f $(INSTALLED)

## deb: build/hull_VERSION_ARCH.deb
deb: all
	@rm -rf $(B)/deb
	@$(MAKE) -s -o all install DESTDIR=$(abspath $(B)/deb) PREFIX=/usr
	@strip $(B)/deb/usr/bin/hull
	@tests/deb.sh $(B)/deb $(VERSION) $(BUILD) $(LOADING)

## clean: remove build/
clean:
	rm -rf $(BUILD)

## help: this list
help:
	@sed -n 's/^## \([a-z-]*\): /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

FORCE:
# docs is a directory, too
.PHONY: docs all debug asan unit-programs deps deps-test deps-callers deps-vm demo check check-unit \
	check-root check-property check-attack check-crash check-budget bench fuzz check-valgrind \
	check-callers check-vm lint $(LINT) format install uninstall deb clean help FORCE
-include $(OBJ:.o=.d) $(UNIT:$(B)/unit/%=$(B)/obj/tests/unit/%.d) $(UNIT_HELP:.o=.d) \
	$(FUZZ_OBJ:.o=.d) $(B)/gate.d $(B)/static/library.d
