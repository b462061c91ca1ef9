// The yardstick of bench/replay.ts: a plain Java loop that copies a topic in transactions of 2,000 records with its offsets inside,
// without a ledger, header plan or per-record checks. Prints records and milliseconds.
// java -cp '<kafka libs>/*' ReplayCopy.java <brokers> <from> <to>
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.*;

public class ReplayCopy {
  public static void main(String[] args) {
    var read = new Properties();
    read.put("bootstrap.servers", args[0]);
    read.put("group.id", "copy-" + UUID.randomUUID());
    read.put("isolation.level", "read_committed");
    read.put("enable.auto.commit", "false");
    read.put("max.poll.records", "2000");
    var write = new Properties();
    write.put("bootstrap.servers", args[0]);
    write.put("transactional.id", "copy-" + UUID.randomUUID());
    long records = 0;
    long startedAt;
    try (var consumer = new KafkaConsumer<>(read, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        var producer = new KafkaProducer<>(write, new ByteArraySerializer(), new ByteArraySerializer())) {
      var partitions = new ArrayList<TopicPartition>();
      for (var info : consumer.partitionsFor(args[1])) partitions.add(new TopicPartition(args[1], info.partition()));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      producer.initTransactions();
      startedAt = System.nanoTime();
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        var batch = consumer.poll(Duration.ofMillis(200));
        if (batch.isEmpty()) continue;
        producer.beginTransaction();
        for (var record : batch) {
          producer.send(new ProducerRecord<>(args[2], record.partition(), record.key(), record.value(), record.headers()));
          records++;
        }
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        for (var p : batch.partitions()) offsets.put(p, new OffsetAndMetadata(consumer.position(p)));
        producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
        producer.commitTransaction();
      }
    }
    System.out.println(records + " " + (System.nanoTime() - startedAt) / 1_000_000);
  }
}
