package dev.fovea.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.fovea.schema.avro.Count;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Frame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.avro.SystemLimitException;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AvroSerdesTest {
  private static final AvroSerdes SERDES = new AvroSerdes(Optional.empty());
  private static final String TOPIC = "fovea.test";

  private final long seed = System.nanoTime();

  static Stream<Class<? extends SpecificRecord>> types() {
    return Records.TYPES.stream();
  }

  @ParameterizedTest
  @MethodSource("types")
  <T extends SpecificRecord> void whatIsWrittenIsRead(Class<T> type) {
    System.out.println("AvroSerdesTest.whatIsWrittenIsRead seed " + seed);
    Serde<T> serde = SERDES.of(type);

    for (T record : Records.random(type, 200, seed)) {
      byte[] bytes = serde.serializer().serialize(TOPIC, record);
      assertThat(serde.deserializer().deserialize(TOPIC, bytes)).isEqualTo(record);
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  <T extends SpecificRecord> void theBytesAreAvrosOwnSingleObjectEncoding(Class<T> type)
      throws IOException {
    Serde<T> serde = SERDES.of(type);
    SpecificData data = SpecificData.getForClass(type);
    BinaryMessageEncoder<T> encoder = new BinaryMessageEncoder<>(data, Records.schema(type));
    BinaryMessageDecoder<T> decoder = new BinaryMessageDecoder<>(data, Records.schema(type));

    for (T record : Records.random(type, 20, seed)) {
      byte[] bytes = serde.serializer().serialize(TOPIC, record);
      assertThat(decoder.decode(bytes)).isEqualTo(record);
      byte[] theirs = new byte[encoder.encode(record).remaining()];
      encoder.encode(record).get(theirs);
      assertThat(serde.deserializer().deserialize(TOPIC, theirs)).isEqualTo(record);
    }
  }

  @Test
  void aTombstoneStaysNull() {
    Serde<Frame> serde = SERDES.of(Frame.class);

    assertThat(serde.serializer().serialize(TOPIC, null)).isNull();
    assertThat(serde.deserializer().deserialize(TOPIC, null)).isNull();
  }

  @ParameterizedTest
  @MethodSource("types")
  <T extends SpecificRecord> void aRecordCutAnywhereIsRefused(Class<T> type) {
    Serde<T> serde = SERDES.of(type);
    byte[] bytes = serde.serializer().serialize(TOPIC, Records.random(type, 1, seed).get(0));

    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> serde.deserializer().deserialize(TOPIC, cut))
          .as("%d of %d bytes, seed %d", length, bytes.length, seed)
          .isInstanceOf(SerializationException.class)
          .hasMessageStartingWith(TOPIC + ": not ");
    }
  }

  @Test
  void bytesAfterTheEndAreRefused() {
    Serde<Frame> serde = SERDES.of(Frame.class);
    byte[] bytes = serde.serializer().serialize(TOPIC, Records.frame(10));

    assertThatThrownBy(
            () -> serde.deserializer().deserialize(TOPIC, Arrays.copyOf(bytes, bytes.length + 1)))
        .isInstanceOf(SerializationException.class)
        .hasMessage(TOPIC + ": not a well-formed Frame record: there are bytes after its end");
  }

  @ParameterizedTest
  @MethodSource("types")
  <T extends SpecificRecord> void randomBytesAreReadOrRefusedAndNothingElse(Class<T> type) {
    System.out.println("AvroSerdesTest.randomBytes seed " + seed);
    Serde<T> serde = SERDES.of(type);
    Random random = new Random(seed);
    byte[] good = serde.serializer().serialize(TOPIC, Records.random(type, 1, seed).get(0));

    for (int i = 0; i < 3000; i++) {
      byte[] bytes = good.clone();
      for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
        // The header stays, or hardly any case would come past it.
        bytes[10 + random.nextInt(bytes.length - 10)] = (byte) random.nextInt();
      }
      readOrRefused(serde, bytes);
      byte[] noise = new byte[random.nextInt(64)];
      random.nextBytes(noise);
      readOrRefused(serde, noise);
    }
  }

  @Test
  void anotherRecordsBytesAreRefusedByTheirSchema() {
    byte[] count =
        SERDES
            .of(Count.class)
            .serializer()
            .serialize(TOPIC, Records.random(Count.class, 1, 1).get(0));

    assertThatThrownBy(() -> SERDES.of(Frame.class).deserializer().deserialize(TOPIC, count))
        .isInstanceOf(SerializationException.class)
        .hasMessageMatching(
            TOPIC
                + ": written with schema fingerprint [0-9a-f]{16}, which is no version of Frame"
                + " known here");
  }

  @Test
  void aRecordFromASenderWithARegistrySaysSo() {
    assertThatThrownBy(
            () ->
                SERDES
                    .of(Frame.class)
                    .deserializer()
                    .deserialize(TOPIC, new byte[] {0, 0, 0, 0, 7, 1, 2, 3}))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("set kafka.registry-url here too");
  }

  @Test
  void aHostileLengthIsRefusedQuicklyAndAllocatesNothingOfThatSize() throws IOException {
    assertThat(AvroLimits.hold()).isTrue();
    // cameraId "a", three numbers and the size, then a picture said to have that many bytes.
    byte[] picture = hostileFrame(AvroLimits.MAX_BYTES + 1L);
    byte[] lie = hostileFrame(AvroLimits.MAX_BYTES - 1L);
    byte[] name = withHeader(Frame.class, out -> out.writeLong(AvroLimits.MAX_STRING_BYTES + 1L));
    byte[] boxes =
        withHeader(
            Detections.class,
            out -> {
              out.writeString("a");
              for (int i = 0; i < 2; i++) {
                out.writeLong(1);
              }
              out.writeInt(0);
              out.writeLong(1);
              out.writeInt(640);
              out.writeInt(360);
              out.writeEnum(0);
              out.writeLong(Integer.MAX_VALUE - 8L); // items of the list of detections
            });

    assertRefusedCheaply(Frame.class, picture, SystemLimitException.class);
    assertRefusedCheaply(Frame.class, lie, IOException.class);
    assertRefusedCheaply(Frame.class, name, SystemLimitException.class);
    assertRefusedCheaply(Detections.class, boxes, SystemLimitException.class);
  }

  @Test
  void aFrameCostsItsBytesOnceToWriteAndItsPictureOnceToRead() {
    int picture = 30_000;
    Serde<Frame> serde = SERDES.of(Frame.class);
    Frame frame = Records.frame(picture);
    byte[] bytes = serde.serializer().serialize(TOPIC, frame);
    for (int i = 0; i < 50; i++) { // Classes loaded, buffers grown.
      serde.deserializer().deserialize(TOPIC, serde.serializer().serialize(TOPIC, frame));
    }

    long written = allocated(() -> serde.serializer().serialize(TOPIC, frame));
    long read = allocated(() -> serde.deserializer().deserialize(TOPIC, bytes));

    System.out.printf(
        "a frame of %d bytes: %d to write, %d to read%n", bytes.length, written, read);
    assertThat(written).isBetween((long) bytes.length, bytes.length + 2_000L);
    assertThat(read).isBetween((long) picture, picture + 4_000L);
  }

  @Test
  void oneSerdeServesManyThreads() throws Exception {
    System.out.println("AvroSerdesTest.oneSerdeServesManyThreads seed " + seed);
    Serde<Detections> serde = SERDES.of(Detections.class);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Boolean>> work =
          Stream.of(1, 2, 3, 4)
              .map(
                  n ->
                      (Callable<Boolean>)
                          () -> {
                            for (Detections d : Records.random(Detections.class, 300, seed + n)) {
                              byte[] bytes = serde.serializer().serialize(TOPIC, d);
                              if (!d.equals(serde.deserializer().deserialize(TOPIC, bytes))) {
                                return false;
                              }
                            }
                            return true;
                          })
              .toList();
      for (Future<Boolean> done : threads.invokeAll(work)) {
        assertThat(done.get()).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static <T> void readOrRefused(Serde<T> serde, byte[] bytes) {
    try {
      serde.deserializer().deserialize(TOPIC, bytes);
    } catch (SerializationException e) {
      assertThat(e).hasMessageStartingWith(TOPIC + ": ");
    }
  }

  private static <T extends SpecificRecord> void assertRefusedCheaply(
      Class<T> type, byte[] bytes, Class<? extends Exception> cause) {
    Serde<T> serde = SERDES.of(type);
    long start = System.nanoTime();
    long allocated =
        allocated(
            () ->
                assertThatThrownBy(() -> serde.deserializer().deserialize(TOPIC, bytes))
                    .isInstanceOf(SerializationException.class)
                    .hasCauseInstanceOf(cause));
    assertThat(allocated).isLessThan(4_000_000);
    assertThat(System.nanoTime() - start).isLessThan(2_000_000_000L);
  }

  private static byte[] hostileFrame(long pictureBytes) throws IOException {
    return withHeader(
        Frame.class,
        out -> {
          out.writeString("a");
          out.writeLong(1);
          out.writeLong(1);
          out.writeInt(640);
          out.writeInt(360);
          out.writeLong(pictureBytes);
        });
  }

  private static byte[] withHeader(Class<? extends SpecificRecord> type, Body body)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new SingleObjectFormat(Records.schema(type)).writeHeader(TOPIC, Records.schema(type), bytes);
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    body.write(encoder);
    encoder.flush();
    return bytes.toByteArray();
  }

  /** Bytes that this thread allocates in {@code work}. */
  private static long allocated(Runnable work) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    work.run();
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  private interface Body {
    void write(BinaryEncoder out) throws IOException;
  }
}
