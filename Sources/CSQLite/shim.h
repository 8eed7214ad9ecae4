#include <sqlite3.h>

/// Turns off the count of allocated memory, which all threads would wait for at
/// each allocation (https://www.sqlite.org/malloc.html, 4). sqlite3_config takes
/// a variable number of arguments, which Swift cannot pass. To be called before
/// any other function.
static inline int sqlite3_disable_memory_status(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
