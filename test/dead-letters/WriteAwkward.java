// Writes what a reader of committed records must get right: java -cp "$WAYBILL_TEST_KAFKA_LIBS/*" WriteAwkward.java <brokers> <topic>
// Two aborts of one producer with a commit between, interleaved producers, a transaction left open at the end, every compression,
// null and empty keys, values and headers, repeated names.
import java.util.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public class WriteAwkward {
  static String brokers, topic;
  static int counter = 0;

  static KafkaProducer<byte[], byte[]> producer(String id, String compression) {
    var config = new Properties();
    config.put("bootstrap.servers", brokers);
    config.put("compression.type", compression);
    config.put("linger.ms", "0");
    config.put("batch.size", "512");
    if (id != null) config.put("transactional.id", topic + "-" + id);
    var producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    if (id != null) producer.initTransactions();
    return producer;
  }

  static void send(KafkaProducer<byte[], byte[]> producer, String what, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      int n = counter++;
      byte[] key = n % 5 == 0 ? null : n % 5 == 1 ? new byte[0] : ("key " + n).getBytes();
      byte[] value = n % 7 == 0 ? null : n % 7 == 1 ? new byte[0] : (what + " " + n).getBytes();
      var record = new ProducerRecord<>(topic, 0, key, value);
      record.headers().add(new RecordHeader("a", ("ä" + n).getBytes("UTF-8")));
      record.headers().add(new RecordHeader("null", (byte[]) null));
      record.headers().add(new RecordHeader("empty", new byte[0]));
      record.headers().add(new RecordHeader("a", new byte[] {(byte) 0xff, 0, (byte) 0xfe}));
      record.headers().add(new RecordHeader("", "no name".getBytes()));
      producer.send(record);
    }
    producer.flush();
  }

  public static void main(String[] args) throws Exception {
    brokers = args[0];
    topic = args[1];
    var one = producer("one", "none");
    var two = producer("two", "gzip");
    for (String compression : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
      try (var plain = producer(null, compression)) { send(plain, "plain " + compression, 30); }
    }
    one.beginTransaction(); send(one, "aborted first", 10); one.abortTransaction();
    one.beginTransaction(); send(one, "committed between", 10); one.commitTransaction();
    one.beginTransaction(); send(one, "aborted second", 10);
    two.beginTransaction(); send(two, "committed inside", 10); two.commitTransaction();
    send(one, "aborted second", 40); one.abortTransaction();
    two.beginTransaction(); send(two, "aborted two", 60); one.beginTransaction(); send(one, "committed one", 60); two.abortTransaction(); one.commitTransaction();
    one.beginTransaction(); send(one, "committed last", 5); one.commitTransaction();
    two.beginTransaction(); send(two, "open", 5);
    System.out.println(counter);
    System.out.flush();
    Runtime.getRuntime().halt(0); // the transaction stays open
  }
}
