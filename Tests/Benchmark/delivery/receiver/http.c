// Answers 200 to every POST, except to paths that start with /hang, which get no answer as long as they wait.
//
// A body with "sent_at":NANOSECONDS of the monotonic clock adds to the latencies, unless its path starts with /untimed.
// Commands: "stats" prints what has come since the start or the last "reset" as one line of JSON; "reset" prints an
// empty line.
#include "server.h"

enum { MOST_LATENCIES = 1 << 22 };

static const char ANSWER[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok";
static const char SENT_AT[] = "\"sent_at\":", LENGTH[] = "content-length:";
static long answered, hanging, timed;
static uint32_t latencies[MOST_LATENCIES];  // in microseconds

static void greet(struct connection *connection) { (void)connection; }

static void note_latency(const char *body, size_t size) {
  char *at = memmem(body, size, SENT_AT, sizeof SENT_AT - 1);
  if (!at || timed == MOST_LATENCIES) return;
  double microseconds = now() * 1e6 - strtod(at + sizeof SENT_AT - 1, NULL) / 1e3;
  latencies[timed++] = microseconds > 0 ? (uint32_t)microseconds : 0;
}

static size_t length_of(const char *head, const char *end) {
  for (const char *line = head; line < end; line = (const char *)memchr(line, '\n', (size_t)(end - line)) + 1)
    if (strncasecmp(line, LENGTH, sizeof LENGTH - 1) == 0) return strtoul(line + sizeof LENGTH - 1, NULL, 10);
  return 0;
}

static size_t take(struct connection *connection) {
  size_t done = 0;
  for (;;) {
    char *head = connection->input + done, *input_end = connection->input + connection->size;
    char *end = memmem(head, (size_t)(input_end - head), "\r\n\r\n", 4);
    if (!end) return done;
    char *body = end + 4;
    size_t size = length_of(head, end + 2);
    if (size > (size_t)(input_end - body)) return done;
    done = (size_t)(body + size - connection->input);
    if (strncmp(head, "POST /hang", 10) == 0) {
      hanging++;
      continue;
    }
    if (strncmp(head, "POST /untimed", 13) != 0) note_latency(body, size);
    answered++;
    say_delayed(connection, ANSWER);
  }
}

static int ascending(const void *left, const void *right) {
  uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
  return a < b ? -1 : a > b;
}

static double milliseconds(double part) { return timed ? latencies[(long)(part * (double)(timed - 1))] / 1e3 : 0; }

static void command(const char *line) {
  if (strcmp(line, "reset") == 0) {
    answered = hanging = timed = 0;
    puts("");
    return;
  }
  qsort(latencies, (size_t)timed, sizeof *latencies, ascending);
  printf("{\"answered\": %ld, \"hanging\": %ld, \"timed\": %ld, \"p50\": %.3f, \"p90\": %.3f, \"p99\": %.3f, \"max\": %.3f}\n",
         answered, hanging, timed, milliseconds(0.5), milliseconds(0.9), milliseconds(0.99), milliseconds(1));
}
