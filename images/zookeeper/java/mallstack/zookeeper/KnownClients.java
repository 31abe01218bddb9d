package mallstack.zookeeper;

import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.server.ServerCnxn;
import org.apache.zookeeper.server.auth.X509AuthenticationProvider;

/**
 * Who a client is by its certificate: the one of the names in {@code zookeeper.mall.clients} that it carries, as a DNS
 * name or as its common name. A certificate of the same CA without any of them is turned away. All brokers carry one
 * name, so that what one of them writes the others may change.
 */
public final class KnownClients extends X509AuthenticationProvider {
    private static final int DNS_NAME = 2;

    private final Set<String> names = Set.of(System.getProperty("zookeeper.mall.clients", "").split(","));

    public KnownClients() {
        // Whether the chain is to be trusted the TLS handshake has found out, with the authorities as they are now; the
        // superclass would ask again with those of its own start.
        super(null, null);
    }

    @Override
    public KeeperException.Code handleAuthentication(ServerCnxn connection, byte[] data) {
        Certificate[] chain = connection.getClientCertificateChain();
        String name =
                chain != null && chain.length > 0 && chain[0] instanceof X509Certificate own ? getClientId(own) : "";
        if (name.isEmpty()) {
            return KeeperException.Code.AUTHFAILED;
        }
        connection.addAuthInfo(new Id(getScheme(), name));
        return KeeperException.Code.OK;
    }

    @Override
    protected String getClientId(X509Certificate certificate) {
        return Stream.concat(dnsNames(certificate), commonName(certificate))
                .filter(name -> !name.isEmpty() && names.contains(name))
                .findFirst()
                .orElse("");
    }

    private static Stream<String> dnsNames(X509Certificate certificate) {
        try {
            Collection<List<?>> all = certificate.getSubjectAlternativeNames();
            return all == null
                    ? Stream.empty()
                    : all.stream().filter(name -> name.get(0).equals(DNS_NAME)).map(name -> (String) name.get(1));
        } catch (CertificateParsingException e) {
            return Stream.empty();
        }
    }

    private static Stream<String> commonName(X509Certificate certificate) {
        try {
            return new LdapName(certificate.getSubjectX500Principal().getName())
                    .getRdns().stream()
                    .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
                    .map(Rdn::getValue)
                    .map(String::valueOf);
        } catch (InvalidNameException e) {
            return Stream.empty();
        }
    }
}
