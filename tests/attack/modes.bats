# modes: every class of attack in every mode, with each of the newer system calls withheld in turn

load ../integration/lib
load ../integration/helpers/m_lib
load ../integration/helpers/m_rootless
load modes

SPEC_FLAGS=()
# without these hull does everything that it does with them
STRICT=" openat2 "

@test "root: every case is held, whichever call is withheld" {
	all_attempts
}

@test "userns: the same, with a user namespace of the container's own" {
	all_attempts
}

@test "rootless: the same, as an ordinary user" {
	all_attempts
}
