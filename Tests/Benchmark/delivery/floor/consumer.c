// What a consumer of webhooks takes at least, by the plainest C against librdkafka and libcurl: reads notifications, posts
// their content, signed, writes a status record for each answer, and commits behind what the broker has acknowledged.
// Parses nothing, checks nothing, retries nothing, counts nothing: whatever is not as expected ends it.
//
// usage: consumer TRANSFERS URL        KAFKA_BROKERS and KAFKA_GROUP_ID say where; SIGTERM ends it.
#define _GNU_SOURCE
#include "../../harness/kafka.h"
#include "request.h"
#include <stdint.h>

enum {
  ID_SIZE = 36,
  MOST_TRANSFERS = 256,
  PARTITIONS = 64,
  // Records between the committed offset and the last one that was read; a power of two.
  SPAN = 1 << 14,
  // Records that were read and are not acknowledged yet: 64 in flight and 256 more, as a consumer has by default.
  MOST_OPEN = 320,
  COMMIT_EVERY = 64,
};
// libcurl looks through its connections for each request: few in each handle are found faster.
enum { MULTIS = 8 };
// Status records and commits go in batches.
static const double COMMIT_INTERVAL = 0.2, STATUS_INTERVAL = 0.015;
static const struct timespec REST = {.tv_nsec = 1000000};
static const char *const INPUT = "notifications.webhook", *const STATUS = "notifications.status";

struct transfer {
  struct request request;
  CURLM *multi;
  rd_kafka_message_t *record;
};

struct partition {
  int64_t done, committed;  // offsets of the next record; below 0 before the first one
  unsigned char acknowledged[SPAN];
};

static rd_kafka_t *consumer, *producer;
static rd_kafka_queue_t *records;
static rd_kafka_topic_t *status_topic;
static CURLM *multis[MULTIS];
static struct transfer *idle[MOST_TRANSFERS];
static rd_kafka_message_t *answered[MOST_OPEN];
static struct partition partitions[PARTITIONS];
static int idle_count, answered_count, open_count, unacknowledged, uncommitted, is_committing;

// MARK: Requests

// What stands behind `name` in the record's value, up to `end`.
static const char *member(const rd_kafka_message_t *record, const char *name, const char *end, size_t *size) {
  const char *value = record->payload, *start = memmem(value, record->len, name, strlen(name));
  if (!start) fail(name, "is missing");
  start += strlen(name);
  const char *stop = memmem(start, record->len - (size_t)(start - value), end, strlen(end));
  if (!stop) fail(name, "has no end");
  *size = (size_t)(stop - start);
  return start;
}

static void post(rd_kafka_message_t *record) {
  struct transfer *transfer = idle[--idle_count];
  char id[ID_SIZE + 1];
  size_t size;
  const char *text = member(record, "{\"id\":\"", "\"", &size);
  snprintf(id, sizeof id, "%.*s", (int)size, text);
  text = member(record, "\"content\":", ",\"route\"", &size);
  transfer->record = record;
  fill_request(&transfer->request, id, text, size);
  curl_multi_add_handle(transfer->multi, transfer->request.handle);
}

static int take_answers(void) {
  int count = answered_count, running;
  for (int i = 0; i < MULTIS; i++) {
    curl_multi_perform(multis[i], &running);
    for (struct transfer *transfer; (transfer = next_answered(multis[i]));) {
      answered[answered_count++] = transfer->record;
      idle[idle_count++] = transfer;
    }
  }
  return answered_count - count;
}

// MARK: Records

static int read_records(int maximum, int patience_ms) {
  rd_kafka_message_t *batch[MOST_TRANSFERS];
  ssize_t count = rd_kafka_consume_batch_queue(records, patience_ms, batch, (size_t)maximum);
  for (ssize_t i = 0; i < count; i++) {
    if (batch[i]->err) fail("consume", rd_kafka_message_errstr(batch[i]));
    if (batch[i]->partition >= PARTITIONS) fail("consume", "there are too many partitions");
    struct partition *partition = &partitions[batch[i]->partition];
    if (partition->done < 0) partition->done = partition->committed = batch[i]->offset;
    if (batch[i]->offset >= partition->done + SPAN) fail("consume", "too many records are not acknowledged");
    open_count++;
    post(batch[i]);
  }
  return count > 0;
}

static void write_status(rd_kafka_message_t *record) {
  size_t id_size, event_size, user_size, trace_size = 0;
  const char *id = member(record, "{\"id\":\"", "\"", &id_size);
  const char *event = member(record, "\"event\":{\"id\":\"", "\"", &event_size);
  const char *user = member(record, "\"user_id\":\"", "\"", &user_size);
  struct timespec time;
  struct tm utc;
  clock_gettime(CLOCK_REALTIME, &time);
  gmtime_r(&time.tv_sec, &utc);
  char at[40], text[512];
  strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%S", &utc);
  int size = snprintf(
      text, sizeof text,
      "{\"id\":\"%.*s\",\"channel\":\"webhook\",\"status\":\"delivered\",\"attempt\":1,\"at\":\"%s.%03ldZ\","
      "\"final\":true,\"event_id\":\"%.*s\",\"user_id\":\"%.*s\",\"destination\":\"orders\",\"code\":\"200\","
      "\"duration_ms\":3,\"detail\":{}}",
      (int)id_size, id, at, time.tv_nsec / 1000000, (int)event_size, event, (int)user_size, user);
  if (size >= (int)sizeof text) fail(STATUS, "the record is too long");
  rd_kafka_headers_t *headers, *trace = rd_kafka_headers_new(1);
  const void *parent = NULL;
  if (rd_kafka_message_headers(record, &headers) ||
      rd_kafka_header_get_last(headers, "traceparent", &parent, &trace_size))
    fail(INPUT, "a record has no traceparent");
  rd_kafka_header_add(trace, "traceparent", -1, parent, (ssize_t)trace_size);
  rd_kafka_resp_err_t error = rd_kafka_producev(
      producer, RD_KAFKA_V_RKT(status_topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(id, id_size),
      RD_KAFKA_V_VALUE(text, (size_t)size), RD_KAFKA_V_HEADERS(trace), RD_KAFKA_V_OPAQUE(record), RD_KAFKA_V_END);
  if (error) fail(STATUS, rd_kafka_err2str(error));
  unacknowledged++;
}

static void write_statuses(void) {
  for (int i = 0; i < answered_count; i++) write_status(answered[i]);
  answered_count = 0;
}

static void acknowledged(rd_kafka_t *client, const rd_kafka_message_t *status, void *opaque) {
  (void)client;
  (void)opaque;
  if (status->err) fail(STATUS, rd_kafka_err2str(status->err));
  rd_kafka_message_t *record = status->_private;
  struct partition *partition = &partitions[record->partition];
  partition->acknowledged[record->offset % SPAN] = 1;
  for (; partition->acknowledged[partition->done % SPAN]; partition->done++)
    partition->acknowledged[partition->done % SPAN] = 0;
  rd_kafka_message_destroy(record);
  unacknowledged--;
  open_count--;
  uncommitted++;
}

static void committed(
    rd_kafka_t *client, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t *offsets, void *opaque) {
  (void)client;
  (void)offsets;
  (void)opaque;
  if (error && error != RD_KAFKA_RESP_ERR__NO_OFFSET) fail("commit", rd_kafka_err2str(error));
  is_committing = 0;
}

static void commit(int is_asynchronous) {
  rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(PARTITIONS);
  for (int i = 0; i < PARTITIONS; i++)
    if (partitions[i].done > partitions[i].committed)
      rd_kafka_topic_partition_list_add(offsets, INPUT, i)->offset = partitions[i].committed = partitions[i].done;
  uncommitted = 0;
  if (offsets->cnt > 0) {
    is_committing = is_asynchronous;
    rd_kafka_resp_err_t error = rd_kafka_commit(consumer, offsets, is_asynchronous);
    if (error) fail("commit", rd_kafka_err2str(error));
  }
  rd_kafka_topic_partition_list_destroy(offsets);
}

// MARK: Start

static void report_acknowledgements(rd_kafka_conf_t *conf) { rd_kafka_conf_set_dr_msg_cb(conf, acknowledged); }

static void report_commits(rd_kafka_conf_t *conf) { rd_kafka_conf_set_offset_commit_cb(conf, committed); }

// With the consumers' own settings.
static void connect_to_kafka(void) {
  const char *brokers = variable("KAFKA_BROKERS"), *group = variable("KAFKA_GROUP_ID");
  const char *const producing[] = {
      "bootstrap.servers", brokers, "enable.idempotence", "true", "linger.ms", "1", "compression.codec", "lz4",
      "batch.num.messages", "10000", "partitioner", "murmur2_random", "socket.nagle.disable", "true", NULL};
  producer = client(RD_KAFKA_PRODUCER, producing, report_acknowledgements);
  if (!(status_topic = rd_kafka_topic_new(producer, STATUS, NULL))) fail(STATUS, "no topic handle");
  // More records ahead than a consumer takes: nothing here makes librdkafka 2.0.2 fetch on in time.
  const char *const consuming[] = {
      "bootstrap.servers", brokers, "group.id", group, "auto.offset.reset", "earliest", "enable.auto.commit", "false",
      "enable.auto.offset.store", "false", "queued.min.messages", "100000", "queued.max.messages.kbytes", "32768",
      "fetch.wait.max.ms", "50", "check.crcs", "true", "socket.nagle.disable", "true", NULL};
  consumer = client(RD_KAFKA_CONSUMER, consuming, report_commits);
  records = rd_kafka_queue_get_consumer(consumer);
  subscribe(consumer, &INPUT, 1);
  for (int i = 0; i < PARTITIONS; i++) partitions[i].done = partitions[i].committed = -1;
}

static void make_transfers(int count, const char *address) {
  CURLU *url = curl_url();
  if (curl_url_set(url, CURLUPART_URL, address, 0)) fail(address, "is no URL");
  for (int i = 0; i < MULTIS; i++) multis[i] = curl_multi_init();
  struct transfer *transfers = calloc((size_t)count, sizeof *transfers);
  for (int i = 0; i < count; i++) {
    make_request(&transfers[i].request, &transfers[i]);
    curl_easy_setopt(transfers[i].request.handle, CURLOPT_CURLU, url);
    transfers[i].multi = multis[i % MULTIS];
    idle[idle_count++] = &transfers[i];
  }
}

static int smaller(int left, int right) { return left < right ? left : right; }

static void run(void) {
  double committed_at = now(), written_at = now();
  while (!stopping) {
    rd_kafka_poll(producer, 0);
    int room = smaller(idle_count, MOST_OPEN - open_count);
    int has_news = room > 0 && read_records(room, open_count > 0 ? 0 : 20);
    has_news |= take_answers() > 0;
    double time = now();
    if (unacknowledged == 0 || time >= written_at + STATUS_INTERVAL) {
      written_at = time;
      write_statuses();
    }
    if (!is_committing && (uncommitted >= COMMIT_EVERY || time >= committed_at + COMMIT_INTERVAL)) {
      committed_at = time;
      commit(1);
    }
    if (!has_news && open_count > 0) nanosleep(&REST, NULL);
  }
  commit(0);
}

int main(int count, char **arguments) {
  int transfers = count == 3 ? atoi(arguments[1]) : 0;
  if (transfers < 1 || transfers > MOST_TRANSFERS) {
    fprintf(stderr, "usage: consumer TRANSFERS URL, at most %d transfers\n", MOST_TRANSFERS);
    return 64;
  }
  signal(SIGTERM, stop);
  curl_global_init(CURL_GLOBAL_ALL);
  prepare_key();
  make_transfers(transfers, arguments[2]);
  connect_to_kafka();
  run();
  rd_kafka_consumer_close(consumer);
  return 0;
}
