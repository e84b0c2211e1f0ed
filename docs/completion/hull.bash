# bash completion for hull; printed by `make docs`, do not edit
_hull() {
	local cur=${COMP_WORDS[COMP_CWORD]} word command= words ids=
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case $word in
		checkpoint | create | delete | events | exec | features | kill | list | pause | ps | restore | resume | run | spec | start | state | update) command=$word && break ;;
		esac
	done
	case $command in
	checkpoint) words="--help --image-path --work-path --manage-cgroups-mode --network-lock --tcp-established --ext-unix-sk --shell-job --file-locks --lazy-pages --auto-dedup --empty-ns --parent-path --leave-running --pre-dump --tcp-skip-in-flight --link-remap --status-fd --page-server" ids=1 ;;
	create) words="--help --bundle -b --config -f --console-socket --pidfd-socket --pid-file --no-pivot --no-new-keyring --preserve-fds --no-subreaper" ;;
	delete) words="--help --force -f --regex -r" ids=1 ;;
	events) words="--help --interval --stats" ids=1 ;;
	exec) words="--help --console-socket --pidfd-socket --cwd --env -e --tty -t --user -u --additional-gids -g --process -p --detach -d --pid-file --process-label --apparmor --no-new-privs --cap -c --preserve-fds --cgroup --ignore-paused" ids=1 ;;
	features) words="--help" ;;
	kill) words="--help --all -a --regex -r" ids=1 ;;
	list) words="--help --format -f --quiet -q" ;;
	pause) words="--help" ids=1 ;;
	ps) words="--help --format -f" ids=1 ;;
	restore) words="--help --image-path --work-path --manage-cgroups-mode --network-lock --tcp-established --ext-unix-sk --shell-job --file-locks --lazy-pages --auto-dedup --empty-ns --bundle -b --pid-file --console-socket --lsm-profile --lsm-mount-context --tcp-close --detach -d --no-pivot --no-subreaper" ids=1 ;;
	resume) words="--help" ids=1 ;;
	run) words="--help --bundle -b --config -f --console-socket --pidfd-socket --pid-file --no-pivot --no-new-keyring --preserve-fds --no-subreaper --detach -d --keep" ;;
	spec) words="--help --bundle -b --file -f --rootless" ;;
	start) words="--help" ids=1 ;;
	state) words="--help" ids=1 ;;
	update) words="--help --blkio-weight --cpu-period --cpu-quota --cpu-burst --cpu-share --cpu-rt-period --cpu-rt-runtime --cpuset-cpus --cpuset-mems --cpu-idle --kernel-memory --kernel-memory-tcp --memory --memory-reservation --memory-swap --pids-limit --resources -r --l3-cache-schema --mem-bw-schema" ids=1 ;;
	*) words="--help --root --log --log-format --log-level --debug --systemd-cgroup --cgroup-manager --rootless --version -v checkpoint create delete events exec features kill list pause ps restore resume run spec start state update" ;;
	esac
	[[ $cur == -* || -z $ids ]] || words=$(hull list --quiet 2>/dev/null)
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -o default -F _hull hull
