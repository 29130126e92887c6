# Reads COUNT committed records of TOPIC with Confluent's client, decodes each with the schema that the registry has for
# it, and prints a line of JSON each.  Arguments: BROKERS REGISTRY TOPIC COUNT
import json
import sys

from confluent_kafka import DeserializingConsumer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import StringDeserializer

brokers, registry, topic, count = sys.argv[1:5]
consumer = DeserializingConsumer({
    "bootstrap.servers": brokers,
    "group.id": "python",
    "isolation.level": "read_committed",
    "auto.offset.reset": "earliest",
    "enable.auto.commit": False,
    "key.deserializer": StringDeserializer("utf_8"),
    "value.deserializer": AvroDeserializer(SchemaRegistryClient({"url": registry})),
})
consumer.subscribe([topic])
seen, idle = 0, 0
while seen < int(count) and idle < 60:
    message = consumer.poll(1.0)
    if message is None:
        idle += 1
        continue
    if message.error():
        sys.exit(f"reading {topic}: {message.error()}")
    seen, idle = seen + 1, 0
    answer = message.value()
    print(json.dumps({
        "camera": message.key(),
        "number": answer["frameNumber"],
        "time": answer["captureTimeMicros"],
        "boxes": [[d["label"], d["score"], d["x1"], d["y1"], d["x2"], d["y2"]] for d in answer["detections"]],
    }), flush=True)
consumer.close()
sys.exit(0 if seen == int(count) else f"only {seen} of {count} records came")
