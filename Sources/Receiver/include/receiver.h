#ifndef AVIARY_RECEIVER_H
#define AVIARY_RECEIVER_H

/* The receiving end of the fan-out measurements, for the server as for the baseline: one thread, epoll, one buffer, and of
   each WebSocket frame only its header looked at. So both are measured with the same, small cost on this side. */

typedef struct receiver receiver;

/* Opens a gateway session over a blocking socket and returns its descriptor once READY has come. Else a negative number says how
   far it came: there is no socket (-1), no connection (-2), no upgrade (-3), no HELLO (-4), no READY (-5); errno may say more. */
int receiver_open_session(int port, const char *token);

/* Takes the descriptors; frees nothing of them. NULL when there is no memory. */
receiver *receiver_create(const int *descriptors, int count);
void receiver_free(receiver *);

/* Reads until `frames` have come in all, or the time is up. Gives the moments (CLOCK_MONOTONIC, seconds) of the first and the
   last of them, and returns how many came. */
long receiver_wait(receiver *, long frames, int timeout_ms, double *first_s, double *last_s);

/* How many of them the server has closed, as far as was read. */
int receiver_closed(const receiver *);

/* A HEARTBEAT on each that is open: the server closes whoever sends none for 67 seconds. */
void receiver_beat(receiver *);

double receiver_now_s(void);

/* The CPU time that a process of this machine has had, with all its threads, those that have ended included; negative when there
   is no such process. */
double receiver_processor_time_s(int process);

#endif
