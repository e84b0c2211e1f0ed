/* group.c - questions about all of the container's groups together */
#include "group.h"

#include "hull/fd.h"
#include "tree.h"

const struct hierarchy *group_processes(const struct cgroup *cg)
{
	const struct hierarchy *h = layout_v2(&cg->layout);

	if (cg->foreign)
		return NULL;
	if (h && !h->absent)
		return h;
	h = layout_v1(&cg->layout, "freezer");
	for (size_t i = 0; (!h || h->absent) && i < cg->layout.n; i++)
		h = &cg->layout.items[i];
	return h && !h->absent ? h : NULL;
}

int group_pids(const struct hierarchy *h, struct pids *p)
{
	_cleanup_close_ int root = hierarchy_open_dir(h);
	cleanup_tree struct tree t = { 0 };
	int r = root < 0 ? root : tree_list(root, &t);

	return r < 0 ? r : tree_all_pids(&t, root, p);
}

const struct hierarchy *group_freezer(const struct cgroup *cg)
{
	const struct hierarchy *h = layout_v1(&cg->layout, "freezer");

	if (!h)
		h = layout_v2(&cg->layout);
	return h && !h->absent && !cg->foreign ? h : NULL;
}

bool group_fresh(const struct cgroup *cg)
{
	for (size_t i = 0; i < cg->layout.n; i++) {
		if (!cg->layout.items[i].made)
			return false;
	}
	return true;
}
