// Makes consumer groups of every type with Kafka's own clients: those that Node's clients cannot make, and those whose details they get differently.
// java -cp "<Kafka's jars>:<kafka-streams>" GroupsWorkload.java <brokers> <folder for state>
// Reads one group a line: type, group, topics (comma), records, keep or leave; separated by tabs. Type is classic, consumer, share or streams.
//   classic, consumer   reads from the start until so many records were seen, commits the position, and stays as a member or leaves. 0: joins, commits nothing
//   share               reads until so many records were seen, accepts two of three, gives every third back, and stays or leaves
//   streams             reads everything, and pauses (a member that does nothing) or ends
// Answers "done <group>" or "failed <group> <why>" for each line, and ends when its input ends: members leave then.
import java.io.*;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.*;
import org.apache.kafka.streams.*;
import org.apache.kafka.streams.kstream.Consumed;

public class GroupsWorkload {
  static final Duration POLL = Duration.ofMillis(100);
  static final AtomicBoolean ending = new AtomicBoolean();
  static String brokers;
  static File stateDir;
  static Admin admin;

  public static void main(String[] args) throws Exception {
    brokers = args[0];
    stateDir = new File(args[1]);
    admin = Admin.create(Map.of("bootstrap.servers", brokers));
    var pool = Executors.newCachedThreadPool();
    // Joining is what costs: a few at once, while those that stay only wait.
    var joining = new Semaphore(6);
    var input = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = input.readLine()) != null; ) {
      var part = line.split("\t");
      pool.submit(() -> {
        var turn = new AtomicBoolean(true);
        try {
          joining.acquire();
          Runnable done = () -> { say("done " + part[1]); if (turn.getAndSet(false)) joining.release(); };
          var topics = List.of(part[2].split(","));
          int records = Integer.parseInt(part[3]);
          boolean keep = part[4].equals("keep");
          switch (part[0]) {
            case "share" -> share(part[1], topics, records, keep, done);
            case "streams" -> streams(part[1], topics, records, keep, done);
            default -> consumer(part[0], part[1], topics, records, keep, done);
          }
        } catch (Throwable error) {
          say("failed " + part[1] + " " + error);
        } finally {
          if (turn.getAndSet(false)) joining.release();
        }
      });
    }
    ending.set(true);
    pool.shutdown();
    pool.awaitTermination(20, TimeUnit.SECONDS);
    System.exit(0);
  }

  static synchronized void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  static Properties config(String group) {
    var config = new Properties();
    config.put("bootstrap.servers", brokers);
    config.put("group.id", group);
    config.put("client.id", "client-of-" + group);
    config.put("max.poll.interval.ms", "600000");
    return config;
  }

  static void consumer(String protocol, String group, List<String> topics, int records, boolean keep, Runnable done) throws InterruptedException {
    var config = config(group);
    config.put("group.protocol", protocol);
    config.put("auto.offset.reset", "earliest");
    config.put("enable.auto.commit", "false");
    config.put("max.poll.records", String.valueOf(Math.max(1, records)));
    try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(topics);
      int seen = 0;
      while (!ending.get() && (seen < records || consumer.assignment().isEmpty())) seen += consumer.poll(POLL).count();
      if (records > 0) consumer.commitSync();
      consumer.pause(consumer.assignment());
      if (!keep) consumer.close();
      done.run();
      // With fetched records of paused partitions in its buffer the consumer of KIP-848 spins for as long as poll may wait: it is given no time, and the waiting is done here.
      while (keep && !ending.get()) {
        consumer.poll(Duration.ZERO);
        consumer.pause(consumer.assignment());
        Thread.sleep(100);
      }
    }
  }

  static void share(String group, List<String> topics, int records, boolean keep, Runnable done) throws Exception {
    var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
    admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET)))).all().get();
    var config = config(group);
    config.put("share.acknowledgement.mode", "explicit");
    config.put("max.poll.records", String.valueOf(Math.max(1, records)));
    try (var consumer = new KafkaShareConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(topics);
      int seen = 0;
      do {
        for (var record : consumer.poll(POLL)) consumer.acknowledge(record, records == 0 || ++seen % 3 == 0 ? AcknowledgeType.RELEASE : AcknowledgeType.ACCEPT);
        consumer.commitSync();
      } while (!ending.get() && (seen < records || !joined(group)));
      if (!keep) consumer.close();
      done.run();
      while (keep && !ending.get()) Thread.sleep(100);
    }
  }

  static boolean joined(String group) {
    try {
      return !admin.describeShareGroups(List.of(group)).all().get().get(group).members().isEmpty();
    } catch (Exception notYet) {
      return false;
    }
  }

  static void streams(String group, List<String> topics, int records, boolean keep, Runnable done) throws Exception {
    var config = config(group);
    config.remove("group.id");
    config.put("application.id", group);
    config.put("group.protocol", "streams");
    config.put("auto.offset.reset", "earliest");
    config.put("commit.interval.ms", "100");
    config.put("state.dir", stateDir.getPath());
    var seen = new LongAdder();
    var builder = new StreamsBuilder();
    // Each topic is a subtopology of its own.
    for (var topic : topics) builder.stream(topic, Consumed.with(Serdes.ByteArray(), Serdes.ByteArray())).foreach((key, value) -> seen.increment());
    try (var streams = new KafkaStreams(builder.build(), config)) {
      streams.start();
      while (!ending.get() && (streams.state() != KafkaStreams.State.RUNNING || seen.sum() < records)) Thread.sleep(50);
      if (keep) {
        // Committed once nothing moves any more: the commit interval is far shorter.
        streams.pause();
        Thread.sleep(1_000);
      } else streams.close(Duration.ofSeconds(20));
      done.run();
      while (keep && !ending.get()) Thread.sleep(100);
    }
  }
}
