// What mail takes at least: libcurl opens the sessions (CURLOPT_CONNECT_ONLY: connection, greeting, EHLO), then our own
// dialogue over curl_easy_send and curl_easy_recv. MAIL, RCPT and DATA go in one write, the message in another.
//
// usage: mail SESSIONS COUNT SIZE URL
#define _GNU_SOURCE
#include "floor.h"
#include <curl/curl.h>
#include <string.h>
#include <sys/epoll.h>

enum { EVENTS = 64, ROOM = 4096 };

struct session {
  CURL *handle;
  int answers;     // that are still to come before the next write
  int is_message;  // the next write is the message
  char *output;
};

static long total, started, done, size;

static void say(struct session *session, size_t length) {
  size_t sent;
  CURLcode code = curl_easy_send(session->handle, session->output, length, &sent);
  if (code || sent != length) fail("send", curl_easy_strerror(code));
}

static void say_envelope(struct session *session) {
  started++;
  session->answers = 3;
  session->is_message = 1;
  int length = snprintf(
      session->output, ROOM, "MAIL FROM:<noreply@example.com>\r\nRCPT TO:<user%07ld@example.org>\r\nDATA\r\n", started);
  say(session, (size_t)length);
}

static void say_message(struct session *session) {
  session->answers = 1;
  session->is_message = 0;
  char *output = session->output;
  long length = snprintf(
      output, ROOM,
      "From: Shop <noreply@example.com>\r\nTo: user%07ld@example.org\r\nSubject: Order %ld\r\n"
      "Message-ID: <%ld@example.com>\r\nDate: Sat, 21 Nov 2026 03:00:00 +0000\r\nMIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n\r\n", started, started, started);
  for (; length < size; length += 78) {
    memset(output + length, 'a' + (int)(started % 26), 76);
    memcpy(output + length + 76, "\r\n", 2);
  }
  // A dot at the start of a line would have to be doubled.
  if (memmem(output, (size_t)length, "\n.", 2)) fail("message", "has a line with a dot");
  memcpy(output + length, ".\r\n", 3);
  say(session, (size_t)length + 3);
}

// Works through the lines of an answer; the lines of this dialogue always come whole.
static void hear(struct session *session) {
  char input[ROOM];
  size_t length;
  CURLcode code = curl_easy_recv(session->handle, input, sizeof input, &length);
  if (code == CURLE_AGAIN) return;
  if (code || length == 0) fail("receive", code ? curl_easy_strerror(code) : "the server has hung up");
  for (char *line = input; line < input + length; line = (char *)memchr(line, '\n', (size_t)(input + length - line)) + 1) {
    if (*line > '3') fail("answer", "the server refuses a mail");
    session->answers--;
  }
  if (session->answers > 0) return;
  if (session->is_message) return say_message(session);
  done++;
  if (started < total) say_envelope(session);
}

static void make(struct session *session, const char *url, int poller) {
  session->output = malloc((size_t)size + ROOM);
  session->handle = curl_easy_init();
  curl_easy_setopt(session->handle, CURLOPT_URL, url);
  curl_easy_setopt(session->handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(session->handle, CURLOPT_PROXY, "");
  curl_easy_setopt(session->handle, CURLOPT_CONNECT_ONLY, 1L);
  CURLcode code = curl_easy_perform(session->handle);
  if (code) fail(url, curl_easy_strerror(code));
  curl_socket_t socket;
  curl_easy_getinfo(session->handle, CURLINFO_ACTIVESOCKET, &socket);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = session};
  epoll_ctl(poller, EPOLL_CTL_ADD, socket, &event);
}

int main(int count, char **arguments) {
  if (count != 5) {
    fputs("usage: mail SESSIONS COUNT SIZE URL\n", stderr);
    return 64;
  }
  long sessions = atol(arguments[1]);
  total = atol(arguments[2]);
  size = atol(arguments[3]);
  curl_global_init(CURL_GLOBAL_ALL);
  int poller = epoll_create1(EPOLL_CLOEXEC);
  struct session *all = calloc((size_t)sessions, sizeof *all);
  for (long i = 0; i < sessions; i++) make(&all[i], arguments[4], poller);
  double began = now(), cpu_before = cpu();
  for (long i = 0; i < sessions && started < total; i++) say_envelope(&all[i]);
  for (struct epoll_event events[EVENTS]; done < total;) {
    int ready = epoll_wait(poller, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) hear(events[i].data.ptr);
  }
  report(total, now() - began, cpu() - cpu_before);
  return 0;
}
