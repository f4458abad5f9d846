/* What the machine gives without a server: one thread sends the same frame to each of N sockets with bare `send`; a second
   process receives it with the receiver of the load generator.

   usage: send SESSIONS FRAME_BYTES EVENTS BURST
   prints: deliveries a second, the median over the events */
#define _GNU_SOURCE
#include "receiver.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

/* Receives each burst whole, reports that it has come, and prints the rate at the end. */
static void receive(const int *sockets, int count, int events, int burst, int done) {
    receiver *r = receiver_create(sockets, count);
    double *rates = calloc((size_t)events, sizeof *rates);
    if (!r || !rates) fail("memory");
    long expected = (long)count * burst;
    for (int i = 0; i < events; i++) {
        double first, last;
        if (receiver_wait(r, expected, 30000, &first, &last) < expected) fail("receive");
        rates[i] = (double)expected / (last - first);
        if (write(done, "x", 1) != 1) fail("report");
    }
    qsort(rates, (size_t)events, sizeof *rates, compare);
    printf("%.0f\n", rates[events / 2]);
    exit(0);
}

static void connect_all(int *sending, int *receiving, int count) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)
        || getsockname(listener, (struct sockaddr *)&address, &length))
        fail("listen");
    for (int i = 0; i < count; i++) {
        receiving[i] = socket(AF_INET, SOCK_STREAM, 0);
        if (receiving[i] < 0 || connect(receiving[i], (struct sockaddr *)&address, sizeof address)) fail("connect");
        sending[i] = accept(listener, NULL, NULL);
        if (sending[i] < 0) fail("accept");
    }
}

int main(int argc, char **argv) {
    if (argc != 5) return fprintf(stderr, "usage: send SESSIONS FRAME_BYTES EVENTS BURST\n"), 2;
    int count = atoi(argv[1]), frame_bytes = atoi(argv[2]), events = atoi(argv[3]), burst = atoi(argv[4]);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);

    int *sending = calloc((size_t)count, sizeof *sending), *receiving = calloc((size_t)count, sizeof *receiving);
    size_t payload = (size_t)frame_bytes - 4;
    unsigned char *bytes = calloc((size_t)burst, (size_t)frame_bytes);
    int done[2];
    if (!sending || !receiving || !bytes || pipe(done)) fail("set-up");
    for (int i = 0; i < burst; i++) {
        unsigned char *frame = bytes + (size_t)i * (size_t)frame_bytes;
        frame[0] = 0x81;
        frame[1] = 126;
        frame[2] = (unsigned char)(payload >> 8);
        frame[3] = (unsigned char)payload;
    }
    connect_all(sending, receiving, count);
    pid_t child = fork();
    if (child == 0) receive(receiving, count, events, burst, done[1]);
    size_t total = (size_t)burst * (size_t)frame_bytes;
    for (int i = 0; i < events; i++) {
        for (int s = 0; s < count; s++)
            if (send(sending[s], bytes, total, MSG_NOSIGNAL) != (ssize_t)total) fail("send");
        char byte;
        if (read(done[0], &byte, 1) != 1) fail("wait");
        usleep(2000);
    }
    int status;
    waitpid(child, &status, 0);
    return status != 0;
}
