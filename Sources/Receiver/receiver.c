#define _GNU_SOURCE
#include "receiver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { buffer_bytes = 256 * 1024, largest_header = 10 };

typedef struct {
    int descriptor;
    uint64_t payload_left;
    uint8_t header[largest_header];
    int header_length;
    int is_closed;
} stream;

struct receiver {
    int epoll;
    int count;
    stream *streams;
    uint8_t *buffer;
};

double receiver_now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double receiver_processor_time_s(int process) {
    clockid_t clock;
    struct timespec time;
    if (clock_getcpuclockid(process, &clock) || clock_gettime(clock, &time)) return -1;
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The length of a frame's header when its first bytes are known, or 0 when there are too few. */
static int header_size(const uint8_t *header, int known) {
    if (known < 2) return 0;
    int size = 2;
    if ((header[1] & 0x7F) == 126) size = 4;
    if ((header[1] & 0x7F) == 127) size = 10;
    return known >= size ? size : 0;
}

static uint64_t payload_size(const uint8_t *header) {
    uint64_t size = header[1] & 0x7F;
    if (size < 126) return size;
    int bytes = size == 126 ? 2 : 8;
    size = 0;
    for (int i = 0; i < bytes; i++) size = size << 8 | header[2 + i];
    return size;
}

/* Counts the frames that end within these bytes. */
static long consume(stream *s, const uint8_t *bytes, size_t length) {
    long frames = 0;
    while (length > 0) {
        if (s->payload_left > 0) {
            size_t step = length < s->payload_left ? length : (size_t)s->payload_left;
            bytes += step;
            length -= step;
            s->payload_left -= step;
            if (s->payload_left == 0) frames++;
            continue;
        }
        s->header[s->header_length++] = *bytes++;
        length--;
        if (header_size(s->header, s->header_length)) {
            s->payload_left = payload_size(s->header);
            s->header_length = 0;
            if (s->payload_left == 0) frames++;
        }
    }
    return frames;
}

receiver *receiver_create(const int *descriptors, int count) {
    receiver *r = calloc(1, sizeof *r);
    if (!r) return NULL;
    r->count = count;
    r->streams = calloc((size_t)count, sizeof *r->streams);
    r->buffer = malloc(buffer_bytes);
    r->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!r->streams || !r->buffer || r->epoll < 0) {
        receiver_free(r);
        return NULL;
    }
    for (int i = 0; i < count; i++) {
        r->streams[i].descriptor = descriptors[i];
        fcntl(descriptors[i], F_SETFL, fcntl(descriptors[i], F_GETFL) | O_NONBLOCK);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &r->streams[i]};
        epoll_ctl(r->epoll, EPOLL_CTL_ADD, descriptors[i], &event);
    }
    return r;
}

void receiver_free(receiver *r) {
    if (!r) return;
    if (r->epoll >= 0) close(r->epoll);
    free(r->streams);
    free(r->buffer);
    free(r);
}

long receiver_wait(receiver *r, long frames, int timeout_ms, double *first_s, double *last_s) {
    struct epoll_event events[512];
    double deadline = receiver_now_s() + timeout_ms / 1e3;
    long seen = 0;
    *first_s = *last_s = 0;
    while (seen < frames && receiver_now_s() < deadline) {
        int ready = epoll_wait(r->epoll, events, 512, 100);
        if (ready > 0 && seen == 0) *first_s = receiver_now_s();
        for (int i = 0; i < ready; i++) {
            stream *s = events[i].data.ptr;
            ssize_t got = recv(s->descriptor, r->buffer, buffer_bytes, 0);
            if (got > 0) seen += consume(s, r->buffer, (size_t)got);
            else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
                epoll_ctl(r->epoll, EPOLL_CTL_DEL, s->descriptor, NULL);
                s->is_closed = 1;
            }
        }
    }
    *last_s = receiver_now_s();
    return seen;
}

int receiver_closed(const receiver *r) {
    int closed = 0;
    for (int i = 0; i < r->count; i++) closed += r->streams[i].is_closed;
    return closed;
}

void receiver_beat(receiver *r) {
    /* {"op":1,"d":null} behind a mask of zero. */
    static const uint8_t beat[] = "\x81\x91\0\0\0\0{\"op\":1,\"d\":null}";
    for (int i = 0; i < r->count; i++) {
        if (!r->streams[i].is_closed) send(r->streams[i].descriptor, beat, sizeof beat - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
}

/* MARK: Opening a session */

static int send_all(int descriptor, const void *bytes, size_t length) {
    const char *rest = bytes;
    while (length > 0) {
        ssize_t sent = send(descriptor, rest, length, MSG_NOSIGNAL);
        if (sent <= 0) return -1;
        rest += sent;
        length -= (size_t)sent;
    }
    return 0;
}

static int read_exactly(int descriptor, uint8_t *bytes, size_t length) {
    while (length > 0) {
        ssize_t got = recv(descriptor, bytes, length, 0);
        if (got <= 0) return -1;
        bytes += got;
        length -= (size_t)got;
    }
    return 0;
}

static int skip_frame(int descriptor) {
    uint8_t header[largest_header];
    if (read_exactly(descriptor, header, 2)) return -1;
    int extra = (header[1] & 0x7F) == 126 ? 2 : (header[1] & 0x7F) == 127 ? 8 : 0;
    if (extra && read_exactly(descriptor, header + 2, (size_t)extra)) return -1;
    if ((header[0] & 0x0F) == 8) return -1;
    uint64_t left = payload_size(header);
    uint8_t scratch[4096];
    while (left > 0) {
        size_t step = left < sizeof scratch ? (size_t)left : sizeof scratch;
        if (read_exactly(descriptor, scratch, step)) return -1;
        left -= step;
    }
    return 0;
}

static int upgrade(int descriptor) {
    static const char request[] =
        "GET /gateway HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    if (send_all(descriptor, request, sizeof request - 1)) return -1;
    uint8_t last[4] = {0};
    char status[13] = {0};
    for (int i = 0;; i++) {
        uint8_t byte;
        if (read_exactly(descriptor, &byte, 1)) return -1;
        if (i < 12) status[i] = (char)byte;
        memmove(last, last + 1, 3);
        last[3] = byte;
        if (!memcmp(last, "\r\n\r\n", 4)) break;
    }
    return strcmp(status, "HTTP/1.1 101") ? -1 : 0;
}

static int identify(int descriptor, const char *token) {
    char text[512];
    int length = snprintf(text, sizeof text, "{\"op\":2,\"d\":{\"token\":\"%s\"}}", token);
    if (length < 0 || length > 400) return -1;
    /* The mask is zero, so the payload stays as it is. */
    uint8_t frame[8 + sizeof text] = {0x81};
    size_t header = 6;
    if (length < 126) {
        frame[1] = (uint8_t)(0x80 | length);
    } else {
        frame[1] = 0x80 | 126;
        frame[2] = (uint8_t)(length >> 8);
        frame[3] = (uint8_t)length;
        header = 8;
    }
    memcpy(frame + header, text, (size_t)length);
    return send_all(descriptor, frame, header + (size_t)length);
}

/* The steps to an open session. */
static int open_by_steps(int descriptor, int port, const char *token) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address)) return -2;
    if (upgrade(descriptor)) return -3;
    if (skip_frame(descriptor)) return -4;
    return identify(descriptor, token) || skip_frame(descriptor) ? -5 : 0;
}

int receiver_open_session(int port, const char *token) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    struct timeval patience = {.tv_sec = 20};
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    int failed = open_by_steps(descriptor, port, token);
    if (!failed) return descriptor;
    int reason = errno;
    close(descriptor);
    errno = reason;
    return failed;
}
