#include <sodium.h>

/// Chooses libsodium's own random generator, a global variable that Swift does
/// not let anybody name.
static inline void randombytes_use_internal(void) {
    randombytes_set_implementation(&randombytes_internal_implementation);
}
