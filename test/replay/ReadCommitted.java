// The judge of the replay tests: Kafka's own consumer with isolation read_committed.
// java -cp "$WAYBILL_TEST_KAFKA_LIBS/*" ReadCommitted.java <brokers> <topic>
// Prints one line a record: partition offset key value [name value]... (base64, "-" for null, "." for empty).
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public class ReadCommitted {
  public static void main(String[] args) {
    var config = new Properties();
    config.put("bootstrap.servers", args[0]);
    config.put("isolation.level", "read_committed");
    config.put("auto.offset.reset", "earliest");
    config.put("enable.auto.commit", "false");
    var out = new StringBuilder();
    try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      var partitions = new ArrayList<TopicPartition>();
      for (var info : consumer.partitionsFor(args[1])) partitions.add(new TopicPartition(args[1], info.partition()));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          out.append(record.partition()).append(' ').append(record.offset()).append(' ').append(text(record.key())).append(' ').append(text(record.value()));
          for (Header header : record.headers()) out.append(' ').append(text(header.key().getBytes(java.nio.charset.StandardCharsets.UTF_8))).append(' ').append(text(header.value()));
          out.append('\n');
        }
      }
    }
    System.out.print(out);
  }

  static String text(byte[] bytes) {
    return bytes == null ? "-" : bytes.length == 0 ? "." : Base64.getEncoder().encodeToString(bytes);
  }
}
