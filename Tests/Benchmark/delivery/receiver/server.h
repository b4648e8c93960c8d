// What both receivers are: one thread with epoll that serves many connections on one port of the loopback, prints that
// port, and ends when its standard input does. The including file is the protocol:
//
//   static void greet(struct connection *);                what is said first
//   static size_t take(struct connection *);               reads input; returns how many bytes of it are done with;
//                                                          called again when a delayed answer has left
//   static void command(const char *line);                 a line of standard input
//
// usage: PROGRAM [DELAY_MS [PEM_FILE]]      with a file that has certificate and key: over TLS
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { INPUT_SIZE = 1 << 16, EVENTS = 256, LINE_SIZE = 64 };

struct connection {
  int socket;
  SSL *tls;
  size_t size;     // of input
  char *input;
  int state;       // the protocol's own
  int waiting;     // answers that are delayed
  int is_closed;   // freed when no answer waits any more
};

// An answer that is sent later. All are delayed by the same time, so the first is always due first.
struct later {
  double due;
  struct connection *connection;
  const char *text;
  struct later *next;
};

static void greet(struct connection *);
static size_t take(struct connection *);
static void command(const char *line);

static double delay;
static SSL_CTX *tls;
static int poller;
static struct later *first, *last;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fail(const char *what) {
  perror(what);
  _Exit(70);
}

static void close_connection(struct connection *connection) {
  if (!connection->is_closed) {
    if (connection->tls) SSL_free(connection->tls);
    close(connection->socket);
    connection->is_closed = 1;
  }
  if (connection->waiting > 0) return;
  free(connection->input);
  free(connection);
}

// Small answers always fit into the socket's buffer; a peer that does not read them is left alone.
static void say(struct connection *connection, const char *text, size_t size) {
  if (connection->is_closed || size == 0) return;
  if (connection->tls)
    SSL_write(connection->tls, text, (int)size);
  else
    send(connection->socket, text, size, MSG_NOSIGNAL);
}

// `text` must live for ever.
static void say_delayed(struct connection *connection, const char *text) {
  if (delay <= 0) return say(connection, text, strlen(text));
  struct later *answer = malloc(sizeof *answer);
  *answer = (struct later){now() + delay, connection, text, NULL};
  connection->waiting++;
  if (last) last->next = answer;
  else first = answer;
  last = answer;
}

static void process(struct connection *connection) {
  size_t done = take(connection);
  connection->size -= done;
  memmove(connection->input, connection->input + done, connection->size);
}

static void say_due(void) {
  for (double time = now(); first && first->due <= time;) {
    struct later *answer = first;
    if (!(first = answer->next)) last = NULL;
    struct connection *connection = answer->connection;
    say(connection, answer->text, strlen(answer->text));
    connection->waiting--;
    free(answer);
    if (connection->is_closed) close_connection(connection);
    else if (connection->size > 0) process(connection);
  }
}

static ssize_t receive(struct connection *connection) {
  char *room = connection->input + connection->size;
  size_t size = INPUT_SIZE - connection->size;
  if (!connection->tls) return recv(connection->socket, room, size, 0);
  int count = SSL_read(connection->tls, room, (int)size);
  if (count > 0) return count;
  int why = SSL_get_error(connection->tls, count);
  errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : EIO;
  return why == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

static void serve(struct connection *connection) {
  // With TLS more can have been read from the socket than was asked for.
  do {
    ssize_t count = receive(connection);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return close_connection(connection);
    connection->size += (size_t)count;
    process(connection);
    if (connection->size == INPUT_SIZE) return close_connection(connection);
  } while (connection->tls && SSL_pending(connection->tls) > 0);
}

static void watch(int socket, void *of) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = of};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, socket, &event)) fail("epoll_ctl");
}

static void accept_all(int listener) {
  struct sockaddr_in peer;
  socklen_t size = sizeof peer;
  for (int socket; (socket = accept4(listener, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
    // Bound to every address for the sake of all of 127.0.0.0/8, and open to nobody else.
    if (ntohl(peer.sin_addr.s_addr) >> 24 != 127) {
      close(socket);
      continue;
    }
    int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct connection *connection = calloc(1, sizeof *connection);
    connection->socket = socket;
    connection->input = malloc(INPUT_SIZE);
    if (tls) {
      connection->tls = SSL_new(tls);
      SSL_set_fd(connection->tls, socket);
      SSL_set_accept_state(connection->tls);
    }
    watch(socket, connection);
    greet(connection);
  }
}

// Lines come whole: the benchmark writes one and waits for its answer.
static void read_commands(void) {
  char lines[LINE_SIZE + 1];
  ssize_t size = read(STDIN_FILENO, lines, LINE_SIZE);
  if (size <= 0) _Exit(0);
  lines[size] = 0;
  for (char *rest = lines, *line; (line = strsep(&rest, "\n")) && rest;) command(line);
  fflush(stdout);
}

static int listen_anywhere(void) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 4096)) fail("listen");
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

static void use_tls(const char *file) {
  tls = SSL_CTX_new(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(tls, file) != 1 ||
      SSL_CTX_use_PrivateKey_file(tls, file, SSL_FILETYPE_PEM) != 1)
    fail(file);
}

int main(int count, char **arguments) {
  signal(SIGPIPE, SIG_IGN);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  if (count > 1) delay = atof(arguments[1]) / 1e3;
  if (count > 2) use_tls(arguments[2]);
  if ((poller = epoll_create1(EPOLL_CLOEXEC)) < 0) fail("epoll_create1");
  int listener = listen_anywhere();
  watch(listener, &listener);
  watch(STDIN_FILENO, &poller);
  for (struct epoll_event events[EVENTS];;) {
    int wait = first ? (int)((first->due - now()) * 1e3) + 1 : -1;
    int ready = epoll_wait(poller, events, EVENTS, first && wait < 0 ? 0 : wait);
    for (int i = 0; i < ready; i++) {
      void *of = events[i].data.ptr;
      if (of == &listener) accept_all(listener);
      else if (of == &poller) read_commands();
      else serve(of);
    }
    say_due();
  }
}
