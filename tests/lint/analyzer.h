/*
 * analyzer.h - what clang's analyzer cannot see for itself; lint-tidy includes it everywhere but
 * where these functions are defined
 *
 * It does not look into functions with variable arguments, so a failure could be a success to it,
 * and every result that a failing call leaves unset looks used.
 */
#include "hull/err.h"
#include "hull/spec.h"

#define err_set(...) (err_set(__VA_ARGS__), -1)
#define err_sys(...) (err_sys(__VA_ARGS__), -1)
#define err_wrap(...) (err_wrap(__VA_ARGS__), -1)
#define spec_refuse(...) (spec_refuse(__VA_ARGS__), -1)
