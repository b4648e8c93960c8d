#ifndef CRDKAFKA_SHIM_H
#define CRDKAFKA_SHIM_H

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

/* rd_kafka_produceva with the one set of arguments that NotificationHub uses. The arguments are a union per value,
 * which C fills on its stack and Swift cannot.
 *
 * Headers always go as a list (RD_KAFKA_VTYPE_HEADERS): inline RD_KAFKA_VTYPE_HEADER arguments are freed twice by
 * versions below 2.12.0 when the topic or the partition is known not to exist (librdkafka #4628). After an error the
 * list still belongs to the caller. */
static inline rd_kafka_error_t *nh_kafka_produce(rd_kafka_t *rk, rd_kafka_topic_t *rkt, int msgflags, const void *key,
                                                 size_t key_size, const void *value, size_t value_size,
                                                 rd_kafka_headers_t *headers, void *opaque) {
    rd_kafka_vu_t vus[6];
    size_t count = 0;
    vus[count].vtype = RD_KAFKA_VTYPE_RKT;
    vus[count++].u.rkt = rkt;
    vus[count].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    vus[count++].u.i = msgflags;
    vus[count].vtype = RD_KAFKA_VTYPE_KEY;
    vus[count].u.mem.ptr = (void *)key;
    vus[count++].u.mem.size = key_size;
    vus[count].vtype = RD_KAFKA_VTYPE_VALUE;
    vus[count].u.mem.ptr = (void *)value;
    vus[count++].u.mem.size = value_size;
    vus[count].vtype = RD_KAFKA_VTYPE_OPAQUE;
    vus[count++].u.ptr = opaque;
    if (headers) {
        vus[count].vtype = RD_KAFKA_VTYPE_HEADERS;
        vus[count++].u.headers = headers;
    }
    return rd_kafka_produceva(rk, vus, count);
}

/* rd_kafka_mock_broker_push_request_error_rtts with one error: Swift cannot call functions with variable arguments. */
static inline rd_kafka_resp_err_t nh_kafka_mock_push_error(rd_kafka_mock_cluster_t *cluster, int32_t broker,
                                                           int16_t request, rd_kafka_resp_err_t error, int rtt_ms) {
    return rd_kafka_mock_broker_push_request_error_rtts(cluster, broker, request, 1, error, rtt_ms);
}

#endif
