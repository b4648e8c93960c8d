// What the C programs share that stand for a service: they are told where Kafka is by KAFKA_BROKERS and KAFKA_GROUP_ID,
// read topics as a member of that group, and end with SIGTERM.
#pragma once
#include "program.h"
#include <librdkafka/rdkafka.h>
#include <signal.h>

static volatile sig_atomic_t stopping;

static void stop(int number) {
  (void)number;
  stopping = 1;
}

static const char *variable(const char *name) {
  const char *value = getenv(name);
  if (!value) fail(name, "is not set");
  return value;
}

// Makes a client from name and value pairs, ended by NULL, to which `prepare` adds callbacks.
static rd_kafka_t *client(rd_kafka_type_t type, const char *const *properties, void (*prepare)(rd_kafka_conf_t *)) {
  char why[512];
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  for (; *properties; properties += 2)
    if (rd_kafka_conf_set(conf, properties[0], properties[1], why, sizeof why) != RD_KAFKA_CONF_OK)
      fail(properties[0], why);
  if (prepare) prepare(conf);
  rd_kafka_t *made = rd_kafka_new(type, conf, why, sizeof why);
  if (!made) fail("client", why);
  if (type == RD_KAFKA_CONSUMER) rd_kafka_poll_set_consumer(made);
  return made;
}

static void subscribe(rd_kafka_t *consumer, const char *const *topics, int count) {
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(count);
  for (int i = 0; i < count; i++) rd_kafka_topic_partition_list_add(list, topics[i], RD_KAFKA_PARTITION_UA);
  rd_kafka_resp_err_t error = rd_kafka_subscribe(consumer, list);
  if (error) fail("subscribe", rd_kafka_err2str(error));
  rd_kafka_topic_partition_list_destroy(list);
}
