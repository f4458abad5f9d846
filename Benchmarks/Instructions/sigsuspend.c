/* Valgrind writes into the mask that sigsuspend is given, and libdispatch's stands in memory that can't be written. So it is given a
   copy. To be preloaded. */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int sigsuspend(const sigset_t *mask) {
    unsigned long copy;
    memcpy(&copy, mask, sizeof copy);
    return (int)syscall(SYS_rt_sigsuspend, &copy, sizeof copy);
}
