#include <sys/stat.h>

/// When a file's name, owner, rights or content were changed last, in seconds of Unix time; negative where there is none. Read in C,
/// since which module of Swift's the fields of `stat` belong to depends on what was loaded before.
static inline double file_changed_at(const char *path) {
    struct stat facts;
    return stat(path, &facts) == 0 ? facts.st_ctim.tv_sec + facts.st_ctim.tv_nsec / 1e9 : -1;
}
