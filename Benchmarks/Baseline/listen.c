/* Holds gateway sessions open, as people who read do: listen PORT SESSIONS < TOKENS
   One token a line, and an empty line after the last; sessions take them in turn. Says "open" once all of them are, then beats for
   each of them every forty seconds, and reads what comes until its input ends. Says then how many frames have come. */
#include "receiver.h"

#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { largest_token = 512, step_ms = 100, beat_ms = 40000 };

static char (*tokens)[largest_token];
static int token_count;

static int read_tokens(void) {
    char line[largest_token];
    while (fgets(line, sizeof line, stdin) && line[0] != '\n') {
        line[strcspn(line, "\n")] = 0;
        tokens = realloc(tokens, (size_t)(token_count + 1) * sizeof *tokens);
        if (!tokens) return -1;
        memcpy(tokens[token_count++], line, sizeof line);
    }
    return token_count > 0 ? 0 : -1;
}

/* A text frame whose mask is zero. */
static void beat(int descriptor) {
    static const char text[] = "{\"op\":1,\"d\":null}";
    uint8_t frame[6 + sizeof text - 1] = {0x81, 0x80 | (sizeof text - 1)};
    memcpy(frame + 6, text, sizeof text - 1);
    /* Who is not served any more is counted at the other end. */
    if (send(descriptor, frame, sizeof frame, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) return;
}

static int has_ended(void) {
    struct pollfd input = {.fd = 0, .events = POLLIN};
    return poll(&input, 1, 0) > 0;
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    int port = atoi(argv[1]), count = atoi(argv[2]);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int *sessions = calloc((size_t)count, sizeof *sessions);
    if (!sessions || read_tokens()) return 1;
    for (int i = 0; i < count; i++) {
        sessions[i] = receiver_open_session(port, tokens[i % token_count]);
        if (sessions[i] < 0) {
            fprintf(stderr, "listen: session %d of %d was refused\n", i + 1, count);
            return 1;
        }
    }
    receiver *r = receiver_create(sessions, count);
    if (!r) return 1;
    puts("open");
    fflush(stdout);
    long frames = 0, beaten = 0;
    double begin = receiver_now_s();
    while (!has_ended()) {
        double first, last;
        frames += receiver_wait(r, LONG_MAX, step_ms, &first, &last);
        /* Spread evenly, so that they do not all come at once. */
        long due = (long)((receiver_now_s() - begin) * 1000 / beat_ms * count);
        for (; beaten < due; beaten++) beat(sessions[beaten % count]);
    }
    printf("%ld\n", frames);
    return 0;
}
