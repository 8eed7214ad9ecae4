// glibc's parser of command lines. Its settings are global variables, which
// Swift does not let anybody write.
#include <argp.h>

/// The status with which a wrong command line ends the program.
static inline void argp_set_error_status(int status) { argp_err_exit_status = status; }

/// What `--version` prints. The text must live as long as the program.
static inline void argp_set_version(const char *text) { argp_program_version = text; }

static inline int argp_key_argument(void) { return ARGP_KEY_ARG; }
static inline error_t argp_error_unknown(void) { return ARGP_ERR_UNKNOWN; }
static inline unsigned argp_flag_in_order(void) { return ARGP_IN_ORDER; }
/// `argp_error` takes a format; this takes a text.
static inline void argp_fail(const struct argp_state *state, const char *text) { argp_error(state, "%s", text); }
