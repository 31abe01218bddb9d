package mallstack.kafka;

import java.security.KeyStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.security.auth.SslEngineFactory;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * For the setting {@code ssl.engine.factory.class}: each new connection is made with the keys and authorities as their
 * files are then. Kafka itself reads them again when a listener's setting is altered, and never where a broker is the
 * client: a replica would go on trusting only who was trusted when it started, until it is restarted.
 */
public final class FreshTls implements SslEngineFactory {
    private static final Logger LOG = LoggerFactory.getLogger(FreshTls.class);

    private Map<String, Object> configs = Map.of();
    private DefaultSslEngineFactory current;

    @Override
    public synchronized void configure(Map<String, ?> settings) {
        configs = new HashMap<>(settings);
        current = read();
    }

    private DefaultSslEngineFactory read() {
        DefaultSslEngineFactory factory = new DefaultSslEngineFactory();
        factory.configure(configs);
        return factory;
    }

    /** Those that were read last where the files are wrong: better than no connection at all. */
    private synchronized DefaultSslEngineFactory fresh() {
        if (current.shouldBeRebuilt(configs)) {
            try {
                current = read();
                LOG.info("Keys and authorities were read again");
            } catch (KafkaException e) {
                LOG.warn("New keys or authorities cannot be read; the former ones stay in use", e);
            }
        }
        return current;
    }

    @Override
    public SSLEngine createClientSslEngine(String peerHost, int peerPort, String endpointIdentification) {
        return fresh().createClientSslEngine(peerHost, peerPort, endpointIdentification);
    }

    @Override
    public SSLEngine createServerSslEngine(String peerHost, int peerPort) {
        return fresh().createServerSslEngine(peerHost, peerPort);
    }

    @Override
    public synchronized boolean shouldBeRebuilt(Map<String, Object> nextConfigs) {
        return !nextConfigs.equals(configs) || current.shouldBeRebuilt(nextConfigs);
    }

    @Override
    public synchronized Set<String> reconfigurableConfigs() {
        return current == null ? Set.of() : current.reconfigurableConfigs();
    }

    @Override
    public KeyStore keystore() {
        return fresh().keystore();
    }

    @Override
    public KeyStore truststore() {
        return fresh().truststore();
    }

    @Override
    public synchronized void close() {
        current = null;
    }
}
