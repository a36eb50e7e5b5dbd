import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import zhanqiao.v1.Access;
import zhanqiao.v1.AccessServiceGrpc;
import zhanqiao.v1.Exchange;
import zhanqiao.v1.ExchangeServiceGrpc;
import zhanqiao.v1.FeedOuterClass;
import zhanqiao.v1.FeedServiceGrpc;
import zhanqiao.v1.ReceiptOuterClass;
import zhanqiao.v1.ReceiptServiceGrpc;
import zhanqiao.v1.Record;

/**
 * A department system in Java: applies for a grant, asks, streams, subscribes, verifies its receipt.
 *
 * <p>Usage: Client HUB RESOURCE CONSUMER FIELD,… KEY, with ZQ_CA ZQ_CERT ZQ_KEY and ZQ_VKEY in the environment. The first field is
 * the key that is asked for. Prints one JSON object.
 */
public final class Client {
  private static final int REQUESTS = 100;

  /** What a stream brought: a message, or how it ended. */
  private record Event<T>(T message, Throwable problem) {
    static <T> StreamObserver<T> into(BlockingQueue<Event<T>> events) {
      return new StreamObserver<>() {
        @Override
        public void onNext(T message) {
          events.add(new Event<>(message, null));
        }

        @Override
        public void onError(Throwable problem) {
          events.add(new Event<>(null, problem));
        }

        @Override
        public void onCompleted() {
          events.add(new Event<>(null, null));
        }
      };
    }

    /** The next message; null once the stream has ended well. */
    static <T> T next(BlockingQueue<Event<T>> events) throws Exception {
      Event<T> event = events.poll(20, TimeUnit.SECONDS);
      if (event == null) {
        throw new IllegalStateException("nothing came for 20 seconds");
      }
      if (event.problem() != null) {
        throw new IllegalStateException(event.problem());
      }
      return event.message();
    }
  }

  private Client() {}

  private static ManagedChannel connect(String hub) throws Exception {
    File certificate = new File(System.getenv("ZQ_CERT"));
    File key = new File(System.getenv("ZQ_KEY"));
    return NettyChannelBuilder.forTarget(hub)
        .sslContext(GrpcSslContexts.forClient().trustManager(new File(System.getenv("ZQ_CA"))).keyManager(certificate, key).build())
        .build();
  }

  /** A grant of an unconditional resource is active at once; others wait for their provider's two approvers. */
  private static Access.Grant apply(ManagedChannel channel, String resource, String consumer, String[] fields) {
    var stub = AccessServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    Access.Grant.Builder grant = Access.Grant.newBuilder().setConsumer(consumer).setResource(resource).setPurpose("接口示例");
    for (String field : fields) {
      grant.addFields(Access.GrantedField.newBuilder().setField(field));
    }
    String name = stub.createGrant(Access.CreateGrantRequest.newBuilder().setGrant(grant).build()).getName();
    return stub.submitGrant(Access.SubmitGrantRequest.newBuilder().setName(name).build());
  }

  private static Exchange.QueryRequest question(Access.Grant grant, String field, String key) {
    return Exchange.QueryRequest.newBuilder()
        .setGrant(grant.getName())
        .setMatter("例-0001")
        .addConditions(Record.Condition.newBuilder()
            .setField(field)
            .setComparison(Record.Comparison.COMPARISON_EQUALS)
            .setValue(Record.Value.newBuilder().setText(key)))
        .build();
  }

  /** Many numbered requests on one stream; answers come in any order, several in a message. */
  private static int stream(ManagedChannel channel, Exchange.QueryRequest query) throws Exception {
    BlockingQueue<Event<Exchange.QueryStreamResponse>> events = new LinkedBlockingQueue<>();
    StreamObserver<Exchange.QueryStreamRequest> requests = ExchangeServiceGrpc.newStub(channel).queryStream(Event.into(events));
    for (int number = 1; number <= REQUESTS; ++number) {
      requests.onNext(Exchange.QueryStreamRequest.newBuilder()
          .addQueries(Exchange.NumberedQuery.newBuilder().setNumber(number).setQuery(query))
          .build());
    }
    requests.onCompleted();
    Set<Long> answered = ConcurrentHashMap.newKeySet();
    for (var response = Event.next(events); response != null; response = Event.next(events)) {
      for (Exchange.NumberedAnswer answer : response.getAnswersList()) {
        if (answer.hasError()) {
          throw new IllegalStateException(answer.getError().getMessage());
        }
        answered.add(answer.getNumber());
      }
    }
    return answered.size();
  }

  /** Reads the feed to its end and acknowledges each delivery; the cursor is durable once the hub says so. */
  private static long subscribe(ManagedChannel channel, Access.Grant grant, List<String> received) throws Exception {
    BlockingQueue<Event<FeedOuterClass.SubscribeResponse>> events = new LinkedBlockingQueue<>();
    StreamObserver<FeedOuterClass.SubscribeRequest> requests = FeedServiceGrpc.newStub(channel).subscribe(Event.into(events));
    requests.onNext(FeedOuterClass.SubscribeRequest.newBuilder()
        .setStart(FeedOuterClass.SubscribeStart.newBuilder().setGrant(grant.getName()).setSubscription("java").setMatter("例-0002"))
        .build());
    long last = -1;
    for (var response = Event.next(events); response != null; response = Event.next(events)) {
      if (response.hasDelivery()) {
        FeedOuterClass.FeedDelivery delivery = response.getDelivery();
        delivery.getRecords().getRowsList().forEach(row -> received.add(row.getValues(0).getText()));
        requests.onNext(FeedOuterClass.SubscribeRequest.newBuilder()
            .setAcknowledge(FeedOuterClass.SubscribeAcknowledge.newBuilder().setOffset(delivery.getThroughOffset()))
            .build());
        if (delivery.getLag() == 0) {
          last = delivery.getThroughOffset();
        }
      } else if (response.hasAcknowledged() && response.getAcknowledged().getOffset() == last) {
        break;
      }
    }
    requests.onCompleted();
    return last;
  }

  public static void main(String[] arguments) throws Exception {
    ManagedChannel channel = connect(arguments[0]);
    try {
      run(channel, arguments[1], arguments[2], arguments[3].split(","), arguments[4]);
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private static void run(ManagedChannel channel, String resource, String consumer, String[] fields, String key) throws Exception {
    Access.Grant grant = apply(channel, resource, consumer, fields);
    Exchange.QueryRequest question = question(grant, fields[0], key);
    Exchange.QueryResponse answer =
        ExchangeServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS).query(question);
    var receipt = ReceiptServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS).getReceipt(
        ReceiptOuterClass.GetReceiptRequest.newBuilder().setIndex(answer.getReceipt().getIndex()).build());
    boolean verified = Proof.verify(receipt.getEntry().toByteArray(), receipt.getProof(), System.getenv("ZQ_VKEY"))
        == answer.getReceipt().getIndex();
    int streamed = stream(channel, question);
    List<String> received = new ArrayList<>();
    long acknowledged = subscribe(channel, grant, received);
    System.out.printf("{\"grant\": \"%s\", \"rows\": %d, \"streamed\": %d, \"received\": [%s], \"acknowledged\": %d, \"verified\": %b}%n",
        grant.getName(), answer.getRecords().getRowsCount(), streamed,
        received.stream().map(one -> '"' + one + '"').collect(Collectors.joining(", ")), acknowledged, verified);
  }
}
