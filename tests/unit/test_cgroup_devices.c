/* test_cgroup_devices.c - device rules: lines for v1, and a program for v2 */
#include "cgroup/devbpf.h"
#include "limits_help.h"
#include "unit.h"

static struct devrules rules_of(const char *list)
{
	const struct config_resources *r =
		read_resources(arena_printf(&unit_arena, "{'devices':[%s]}", list));
	struct config_device_rules all = { .n = r->devices.n + 1 };
	struct devrules rules;

	/* as the plan does: deny everything first; an absent type is any */
	all.items = arena_new_n(&unit_arena, struct config_device_rule, all.n);
	all.items[0].type = 'a';
	for (size_t i = 1; i < all.n; i++) {
		all.items[i] = r->devices.items[i - 1];
		all.items[i].type = all.items[i].type ? all.items[i].type : 'a';
	}
	devrules_reduce(&unit_arena, &all, &rules);
	return rules;
}

static void expect_v1(const char *list, const char *lines)
{
	struct devrules rules = rules_of(list);
	struct limits l = { .arena = &unit_arena };
	char *text = "";

	if (devrules_v1(&rules, &l, &unit_err) < 0)
		fail_msg("%s: %s", list, unit_err.text);
	for (size_t i = 0; i < l.n; i++)
		text = arena_printf(&unit_arena, "%s%s %s\n", text,
				    l.items[i].file + strlen("devices."), l.items[i].value);
	assert_string_equal(text, lines);
}

#define ALLOW "{'allow':true,"
#define DENY "{'allow':false,"

TEST(v1_device_lines)
{
	expect_v1("", "deny a\n");
	expect_v1(ALLOW "'type':'c','major':1,'minor':3,'access':'rwm'}," ALLOW
			"'type':'b','access':'m'}",
		  "deny a\nallow c 1:3 rwm\nallow b *:* m\n");
	expect_v1(ALLOW "'type':'c','major':-1,'minor':-1,'access':'r'}",
		  "deny a\nallow c *:* r\n");
	expect_v1(ALLOW "'type':'c','major':5,'minor':0}", "deny a\nallow c 5:0 rwm\n");
	/* a new rule for everything makes what was before void */
	expect_v1(ALLOW "'type':'c','major':1,'minor':3,'access':'r'}," DENY
			"'access':'rwm'}," ALLOW "'type':'b','major':8,'access':'r'}",
		  "deny a\nallow b 8:* r\n");
	expect_v1(ALLOW "'type':'a','access':'rwm'}", "allow a\n");
	expect_v1(ALLOW "'type':'a'}," DENY "'type':'b','major':8,'minor':0,'access':'rwm'}," ALLOW
			"'type':'b','access':'m'}",
		  "allow a\ndeny b 8:0 rw\n");
	/* any type, but not any access: one line for each type */
	expect_v1(ALLOW "'type':'a','access':'m'}", "deny a\nallow b *:* m\nallow c *:* m\n");
}

TEST(v1_says_nothing_twice)
{
	expect_v1(ALLOW "'type':'c','major':1,'minor':3,'access':'r'}," ALLOW
			"'type':'c','major':1,'minor':3,'access':'rw'}," ALLOW
			"'type':'c','major':1,'minor':3,'access':'w'}",
		  "deny a\nallow c 1:3 rw\n");
	expect_v1(ALLOW "'type':'c','access':'rw'}," ALLOW
			"'type':'c','major':1,'minor':3,'access':'w'}",
		  "deny a\nallow c *:* rw\n");
	/* the kernel wants everything asked for in one line */
	expect_v1(ALLOW "'type':'c','access':'r'}," ALLOW
			"'type':'c','major':1,'minor':3,'access':'rw'}",
		  "deny a\nallow c *:* r\nallow c 1:3 rw\n");
}

TEST(v1_takes_back_whole_exceptions_only)
{
	struct limits l = { .arena = &unit_arena };

	expect_v1(ALLOW "'type':'c','major':1,'minor':3,'access':'rwm'}," DENY
			"'type':'c','major':1,'access':'w'}",
		  "deny a\nallow c 1:3 rm\n");
	expect_v1(ALLOW "'type':'c','major':1,'minor':3,'access':'w'}," DENY
			"'type':'c','access':'rwm'}",
		  "deny a\n");
	/* nothing to take back */
	expect_v1(ALLOW "'type':'c','major':1,'access':'r'}," DENY
			"'type':'c','major':1,'minor':3,'access':'w'}",
		  "deny a\nallow c 1:* r\n");
	struct devrules rules = rules_of(ALLOW "'type':'c','major':1,'access':'rwm'}," DENY
					       "'type':'c','major':1,'minor':3,'access':'w'}");

	assert_int_equal(devrules_v1(&rules, &l, &unit_err), -EINVAL);
	assert_string_equal(
		unit_err.text,
		"linux.resources.devices: cgroup v1 cannot take \"c 1:3 w\" back from an "
		"earlier rule for more devices");
}

struct request {
	unsigned type, access;
	int64_t major, minor;
};

/* The meaning of a list, word by word: for each kind of access the last rule that covers it. */
static bool is_allowed(const struct devrules *rules, const struct request *q)
{
	for (unsigned bit = 1; bit <= DEVICE_MKNOD; bit <<= 1) {
		bool allow = rules->allow;

		for (size_t i = 0; i < rules->n; i++) {
			const struct devrule *r = &rules->items[i];

			if (r->type == q->type && (r->access & bit) &&
			    (r->major < 0 || r->major == q->major) &&
			    (r->minor < 0 || r->minor == q->minor))
				allow = r->allow;
		}
		if ((q->access & bit) && !allow)
			return false;
	}
	return true;
}

/* As much of a BPF machine as these programs use. */
static bool run_bpf(const struct devbpf *p, const struct request *q)
{
	const uint32_t context[] = {
		(q->access & DEVICE_READ ? BPF_DEVCG_ACC_READ << 16 : 0u) |
			(q->access & DEVICE_WRITE ? BPF_DEVCG_ACC_WRITE << 16 : 0u) |
			(q->access & DEVICE_MKNOD ? BPF_DEVCG_ACC_MKNOD << 16 : 0u) |
			(q->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR),
		(uint32_t)q->major,
		(uint32_t)q->minor,
	};
	uint32_t reg[11] = { 0 };
	size_t steps = 0;

	for (size_t pc = 0;; pc++) {
		assert_true(pc < p->n);
		assert_true(++steps <= p->n); /* jumps go forward only */
		const struct bpf_insn *i = &p->items[pc];
		uint32_t *dst = &reg[i->dst_reg], imm = (uint32_t)i->imm;

		switch (i->code) {
		case BPF_LDX | BPF_MEM | BPF_W:
			assert_int_equal(i->off % 4, 0);
			*dst = context[i->off / 4];
			break;
		case BPF_ALU64 | BPF_MOV | BPF_K:
			*dst = imm;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			*dst &= imm;
			break;
		case BPF_ALU | BPF_RSH | BPF_K:
			*dst >>= imm;
			break;
		case BPF_JMP32 | BPF_JNE | BPF_K:
			pc += *dst != imm ? (size_t)i->off : 0;
			break;
		case BPF_JMP32 | BPF_JEQ | BPF_K:
			pc += *dst == imm ? (size_t)i->off : 0;
			break;
		case BPF_JMP32 | BPF_JSET | BPF_K:
			pc += *dst & imm ? (size_t)i->off : 0;
			break;
		case BPF_JMP | BPF_EXIT:
			return reg[0];
		default:
			fail_msg("instruction %02x", i->code);
		}
	}
}

static void compare(const struct devrules *rules, const struct devbpf *p)
{
	struct request q;

	for (unsigned n = 0; n < 2 * 8 * 16; n++) {
		q = (struct request){ .type = n & 1 ? 'b' : 'c',
				      .access = n >> 1 & 7,
				      .major = n >> 4 & 3,
				      .minor = n >> 6 & 3 };
		bool program = p->n ? run_bpf(p, &q) : true;

		if (program != is_allowed(rules, &q))
			fail_msg("%c %d:%d access %u: the program says %d", (char)q.type,
				 (int)q.major, (int)q.minor, q.access, program);
	}
}

TEST(the_program_means_what_the_list_means)
{
	uint32_t random = 1;

	for (int round = 0; round < 500; round++) {
		struct config_device_rule items[12] = { { .type = 'a' } };
		struct config_device_rules list = { .n = 1 + (size_t)(round % 12), .items = items };
		struct devrules rules;
		struct devbpf p;

		for (size_t i = 1; i < list.n; i++) {
			random = random * 1664525 + 1013904223;
			unsigned bits = random >> 8;

			items[i] = (struct config_device_rule){
				.allow = bits & 1,
				.type = (unsigned char)"cbca"[bits >> 1 & 3],
				.access = bits >> 3 & 7,
				.major = { .set = bits >> 6 & 3, .value = bits >> 8 & 3 },
				.minor = { .set = bits >> 10 & 3, .value = bits >> 12 & 3 },
			};
		}
		devrules_reduce(&unit_arena, &list, &rules);
		assert_int_equal(devbpf_compile(&unit_arena, &rules, &p, &unit_err), 0);
		compare(&rules, &p);
	}
}

TEST(no_program_where_nothing_is_denied)
{
	struct devrules all = rules_of(ALLOW "'type':'a','access':'rwm'}," ALLOW
					     "'type':'c','major':1,'access':'r'}");
	struct devrules none = rules_of("");
	struct devbpf p;

	assert_true(devrules_allow_all(&all));
	assert_int_equal(devbpf_compile(&unit_arena, &all, &p, &unit_err), 0);
	assert_int_equal(p.n, 0);
	assert_false(devrules_allow_all(&none));
	assert_int_equal(devbpf_compile(&unit_arena, &none, &p, &unit_err), 0);
	assert_true(p.n > 0);
}

TEST(a_list_too_long_for_a_program_is_refused)
{
	struct config_device_rules list = { .n = 3002 };
	struct devrules rules;
	struct devbpf p;

	list.items = arena_new_n(&unit_arena, struct config_device_rule, list.n);
	list.items[0].type = 'a';
	for (size_t i = 1; i < list.n; i++)
		list.items[i] = (struct config_device_rule){ .allow = true,
							     .type = i % 2 ? 'c' : 'b',
							     .major = { true, (int64_t)i } };
	devrules_reduce(&unit_arena, &list, &rules);
	assert_int_equal(devbpf_compile(&unit_arena, &rules, &p, &unit_err), -EINVAL);
	assert_string_equal(unit_err.text, "linux.resources.devices: more than 3000 rules");
	rules.n = 3000;
	assert_int_equal(devbpf_compile(&unit_arena, &rules, &p, &unit_err), 0);
	for (size_t i = 0; i < p.n; i++)
		assert_true(p.items[i].off >= 0);
}
