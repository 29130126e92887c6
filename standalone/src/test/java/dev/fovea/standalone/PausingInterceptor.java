package dev.fovea.standalone;

import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Holds a consumer's thread inside its poll, records in hand, for as long as a test wants: what a
 * long garbage collection or a suspended machine does. Kafka makes it, so its switch is static; and
 * since consumer and producer share the key that names it, it is a producer's too, idle there.
 */
public final class PausingInterceptor
    implements ConsumerInterceptor<byte[], byte[]>, ProducerInterceptor<byte[], byte[]> {
  private static final AtomicReference<@Nullable CountDownLatch> PAUSE = new AtomicReference<>();
  private static final AtomicReference<@Nullable CountDownLatch> PAUSED = new AtomicReference<>();

  /** From the next records on; counted down once the thread is held. */
  static CountDownLatch pause() {
    CountDownLatch paused = new CountDownLatch(1);
    PAUSED.set(paused);
    PAUSE.set(new CountDownLatch(1));
    return paused;
  }

  static void resume() {
    CountDownLatch pause = PAUSE.getAndSet(null);
    if (pause != null) {
      pause.countDown();
    }
  }

  @Override
  public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
    CountDownLatch pause = PAUSE.get();
    CountDownLatch paused = PAUSED.get();
    if (pause != null && paused != null) {
      paused.countDown();
      try {
        pause.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    return records;
  }

  @Override
  public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

  @Override
  public ProducerRecord<byte[], byte[]> onSend(ProducerRecord<byte[], byte[]> record) {
    return record;
  }

  @Override
  public void onAcknowledgement(@Nullable RecordMetadata metadata, @Nullable Exception error) {}

  @Override
  public void configure(Map<String, ?> configs) {}

  @Override
  public void close() {}
}
