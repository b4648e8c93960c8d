// What moving the bytes costs, by the plainest C against librdkafka: reads the three input topics, copies each event to
// the topics of its type's channels, and commits everything in one transaction every 200 ms. Parses and renders nothing.
//
// usage: limit copy|headers        KAFKA_BROKERS and KAFKA_GROUP_ID say where; SIGTERM ends it.
//
// copy     the event's bytes as they are, uncompressed, without headers: the limit
// headers  the shape of a notification: six headers, a value of 450 bytes, lz4
#define _GNU_SOURCE
#include "../harness/kafka.h"
#include <stdint.h>
#include <string.h>

enum { EMAIL, SMS, WEBHOOK, SLACK, CHANNELS, NONE = -1, BATCH = 1000, VALUE_SIZE = 450, CALL_LIMIT_MS = 30000 };

static const char *const INPUTS[] = {"order.events", "payment.events", "user.events"};
static const char *const OUTPUTS[CHANNELS] = {
    "notifications.email", "notifications.sms", "notifications.webhook", "notifications.slack"};
static const char *const TYPES[CHANNELS] = {
    "notification.email", "notification.sms", "notification.webhook", "notification.slack"};
static const struct {
  const char *event;
  int channels[CHANNELS];
} ROUTES[] = {
    {"order.created\"", {EMAIL, WEBHOOK, SLACK, NONE}},
    {"order.cancelled\"", {EMAIL, SMS, NONE}},
    {"payment.success\"", {EMAIL, NONE}},
    {"payment.failed\"", {EMAIL, SMS, NONE}},
    {"user.registered\"", {EMAIL, NONE}},
};
static const double INTERVAL = 0.2;

static rd_kafka_t *consumer, *producer;
static rd_kafka_topic_t *outputs[CHANNELS];
static int with_headers;

static void check(rd_kafka_error_t *error, const char *what) {
  if (error) fail(what, rd_kafka_error_string(error));
}

static void delivered(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque) {
  (void)client;
  (void)opaque;
  if (message->err) fail("a record was refused", rd_kafka_err2str(message->err));
}

// With a callback, even an idle one, librdkafka need not poll for the end of a flush.
static void report_deliveries(rd_kafka_conf_t *conf) { rd_kafka_conf_set_dr_msg_cb(conf, delivered); }

static void start(void) {
  const char *brokers = variable("KAFKA_BROKERS"), *group = variable("KAFKA_GROUP_ID");
  const char *const producing[] = {
      "bootstrap.servers", brokers, "transactional.id", group, "linger.ms", "20",
      "queue.buffering.max.messages", "1000000", "queue.buffering.max.kbytes", "1048576",
      "compression.codec", with_headers ? "lz4" : "none", NULL};
  producer = client(RD_KAFKA_PRODUCER, producing, report_deliveries);
  check(rd_kafka_init_transactions(producer, CALL_LIMIT_MS), "init_transactions");
  for (int i = 0; i < CHANNELS; i++) {
    const struct rd_kafka_metadata *known;
    if (!(outputs[i] = rd_kafka_topic_new(producer, OUTPUTS[i], NULL))) fail(OUTPUTS[i], "no topic handle");
    // Asked for now, or the first record waits up to a second for it.
    rd_kafka_resp_err_t error = rd_kafka_metadata(producer, 0, outputs[i], &known, CALL_LIMIT_MS);
    if (error) fail(OUTPUTS[i], rd_kafka_err2str(error));
    rd_kafka_metadata_destroy(known);
  }

  const char *const consuming[] = {
      "bootstrap.servers", brokers, "group.id", group, "auto.offset.reset", "earliest",
      "enable.auto.commit", "false", "fetch.wait.max.ms", "10", NULL};
  consumer = client(RD_KAFKA_CONSUMER, consuming, NULL);
  subscribe(consumer, INPUTS, 3);
}

// The channels of the event, without parsing it; NULL where the type is unknown.
static const int *channels_of(const rd_kafka_message_t *event) {
  static const char NAME[] = "\"event_type\":";
  const char *end = (const char *)event->payload + event->len;
  const char *type = memmem(event->payload, event->len, NAME, sizeof NAME - 1);
  if (!type) return NULL;
  type += sizeof NAME - 1;
  while (type < end && (*type == ' ' || *type == '"')) type++;
  for (size_t i = 0; i < sizeof ROUTES / sizeof *ROUTES; i++) {
    size_t size = strlen(ROUTES[i].event);
    if ((size_t)(end - type) >= size && memcmp(type, ROUTES[i].event, size) == 0) return ROUTES[i].channels;
  }
  return NULL;
}

// Text that no compression takes away, as ids are: made once, since making it is not what is measured. It comes again
// after more bytes than LZ4 looks back.
static const char *random_hex(size_t size) {
  static char text[1 << 16];
  static size_t next = sizeof text;
  static uint64_t state = 0x9e3779b97f4a7c15;
  for (size_t i = 0; !text[sizeof text - 1] && i < sizeof text; i++) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    text[i] = "0123456789abcdef"[state >> 60];
  }
  if (next + size > sizeof text) next = 0;
  next += size;
  return text + next - size;
}

// An id and the event's bytes, up to the size of a notification.
static size_t fill(char *value, const rd_kafka_message_t *event) {
  memcpy(value, random_hex(36), 36);
  for (size_t size = 36; size < VALUE_SIZE;) {
    size_t part = event->len < VALUE_SIZE - size ? event->len : VALUE_SIZE - size;
    memcpy(value + size, event->payload, part);
    size += part;
  }
  return VALUE_SIZE;
}

static rd_kafka_headers_t *headers_for(int channel, const char *id) {
  char trace[56] = "00-";
  memcpy(trace + 3, random_hex(49), 49);
  trace[35] = trace[52] = '-';
  memcpy(trace + 53, "01", 2);
  rd_kafka_headers_t *headers = rd_kafka_headers_new(6);
  rd_kafka_header_add(headers, "ce_specversion", 14, "1.0", 3);
  rd_kafka_header_add(headers, "ce_id", 5, id, 36);
  rd_kafka_header_add(headers, "ce_source", 9, "/notificationhub/core", 21);
  rd_kafka_header_add(headers, "ce_type", 7, TYPES[channel], (ssize_t)strlen(TYPES[channel]));
  rd_kafka_header_add(headers, "content-type", 12, "application/json", 16);
  rd_kafka_header_add(headers, "traceparent", 11, trace, 55);
  return headers;
}

static void produce(const rd_kafka_message_t *event, int channel) {
  char filled[VALUE_SIZE];
  rd_kafka_vu_t parts[] = {
      {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = outputs[channel]},
      {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
      {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {event->key, event->key_len}},
      {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {event->payload, event->len}},
      {.vtype = RD_KAFKA_VTYPE_HEADERS},
  };
  size_t count = 4;
  if (with_headers) {
    parts[3].u.mem.size = fill(filled, event);
    parts[3].u.mem.ptr = filled;
    parts[4].u.headers = headers_for(channel, filled);
    count = 5;
  }
  rd_kafka_error_t *error;
  while ((error = rd_kafka_produceva(producer, parts, count))) {
    if (rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR__QUEUE_FULL) check(error, "produce");
    rd_kafka_error_destroy(error);
    rd_kafka_poll(producer, 10);
  }
}

static void commit(void) {
  rd_kafka_topic_partition_list_t *offsets;
  rd_kafka_resp_err_t error = rd_kafka_assignment(consumer, &offsets);
  if (!error) error = rd_kafka_position(consumer, offsets);
  if (error) fail("position", rd_kafka_err2str(error));
  rd_kafka_consumer_group_metadata_t *group = rd_kafka_consumer_group_metadata(consumer);
  check(rd_kafka_send_offsets_to_transaction(producer, offsets, group, CALL_LIMIT_MS), "send_offsets");
  check(rd_kafka_commit_transaction(producer, CALL_LIMIT_MS), "commit_transaction");
  rd_kafka_consumer_group_metadata_destroy(group);
  rd_kafka_topic_partition_list_destroy(offsets);
}

static void run(void) {
  static rd_kafka_message_t *events[BATCH];
  rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(consumer);
  int is_open = 0;
  double opened = 0;
  while (!stopping) {
    ssize_t count = rd_kafka_consume_batch_queue(queue, 20, events, BATCH);
    for (ssize_t i = 0; i < count; i++) {
      const int *channel = events[i]->err ? NULL : channels_of(events[i]);
      if (channel && !is_open) {
        check(rd_kafka_begin_transaction(producer), "begin_transaction");
        is_open = 1;
        opened = now();
      }
      for (; channel && *channel != NONE; channel++) produce(events[i], *channel);
      rd_kafka_message_destroy(events[i]);
    }
    rd_kafka_poll(producer, 0);
    if (is_open && now() - opened >= INTERVAL) {
      commit();
      is_open = 0;
    }
  }
  if (is_open) commit();
}

int main(int count, char **arguments) {
  if (count != 2 || (strcmp(arguments[1], "copy") != 0 && strcmp(arguments[1], "headers") != 0)) {
    fputs("usage: limit copy|headers\n", stderr);
    return 64;
  }
  with_headers = strcmp(arguments[1], "headers") == 0;
  signal(SIGTERM, stop);
  start();
  run();
  // The group must not wait for a member that is gone; the rest goes with the process.
  rd_kafka_consumer_close(consumer);
  _Exit(0);
}
