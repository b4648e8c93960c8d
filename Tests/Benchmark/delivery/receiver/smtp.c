// Takes every mail, offers PIPELINING and 8BITMIME, and answers the end of a message after the delay.
//
// Commands: "stats" prints the number of mails since the start or the last "reset" as one line of JSON.
#include "server.h"

enum { COMMANDS, MESSAGE };

static const char OFFER[] = "250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 33554432\r\n";
static long taken;

static void greet(struct connection *connection) {
  static const char GREETING[] = "220 sink.example ESMTP\r\n";
  say(connection, GREETING, sizeof GREETING - 1);
}

static const char *answer(struct connection *connection, const char *line) {
  if (strncasecmp(line, "EHLO", 4) == 0) return OFFER;
  if (strncasecmp(line, "QUIT", 4) == 0) return "221 bye\r\n";
  if (strncasecmp(line, "DATA", 4) != 0) return "250 ok\r\n";
  connection->state = MESSAGE;
  return "354 go ahead\r\n";
}

static size_t take(struct connection *connection) {
  // The answers to commands that came together leave together.
  char answers[4096];
  size_t said = 0, done = 0;
  // What comes behind a message is answered after it.
  while (connection->waiting == 0) {
    char *start = connection->input + done;
    size_t left = connection->size - done;
    if (connection->state == MESSAGE) {
      char *end = memmem(start, left, "\r\n.\r\n", 5);
      if (!end) {
        // Everything but what may be the first part of the end has been seen.
        if (left > 4) done += left - 4;
        break;
      }
      done = (size_t)(end + 5 - connection->input);
      connection->state = COMMANDS;
      taken++;
      say_delayed(connection, "250 queued\r\n");
      continue;
    }
    char *end = memchr(start, '\n', left);
    if (!end) break;
    const char *text = answer(connection, start);
    size_t size = strlen(text);
    if (said + size > sizeof answers) {
      say(connection, answers, said);
      said = 0;
    }
    memcpy(answers + said, text, size);
    said += size;
    done = (size_t)(end + 1 - connection->input);
  }
  say(connection, answers, said);
  return done;
}

static void command(const char *line) {
  if (strcmp(line, "reset") == 0) taken = 0;
  printf("{\"taken\": %ld}\n", taken);
}
