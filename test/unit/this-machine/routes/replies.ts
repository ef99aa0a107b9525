/** Replies of BIRD 2.0.12 to `birdc -r -v`, as they came. */

export const STATUS = `0001 BIRD 2.0.12 ready.
0016 Access restricted
1000-BIRD 2.0.12
1011-Router ID is 10.77.0.11
     Hostname is h1
     Current server time is 2026-11-28 18:07:00.896
     Last reboot on 2026-11-28 18:06:51.782
     Last reconfiguration on 2026-11-28 18:06:51.782
0013 Daemon is up and running\n`;

export const PROTOCOLS = `0001 BIRD 2.0.12 ready.
0016 Access restricted
2002-Name       Proto      Table      State  Since         Info
1002-device1    Device     ---        up     18:06:51.782  
1006-
1002-plow_taps  Direct     ---        up     18:06:51.782  
1006-  Channel ipv4
         State:          UP
         Table:          plow4
         Preference:     240
         Input filter:   (unnamed)
         Output filter:  REJECT
         Routes:         2 imported, 0 exported, 2 preferred
         Route change stats:     received   rejected   filtered    ignored   accepted
           Import updates:              2          0          0          0          2
           Import withdraws:            0          0        ---          0          0
           Export updates:              0          0          0        ---          0
           Export withdraws:            0        ---        ---        ---          0
     
1002-plow_10_77_0_12 BGP        ---        up     18:06:52.048  Established   
1006-  Router ID:      10.77.0.11
       BGP state:          Established
         Neighbor address: 10.77.0.12
         Neighbor AS:      65000
         Local AS:         65001
         Neighbor ID:      10.77.0.12
         Local capabilities
           Multiprotocol
             AF announced: ipv4
           Route refresh
           Graceful restart
             Restart time: 120
             AF supported: ipv4
             AF preserved:
           4-octet AS numbers
           Enhanced refresh
           Long-lived graceful restart
         Neighbor capabilities
           Multiprotocol
             AF announced: ipv4
           Route refresh
           Graceful restart
             Restart time: 120
             AF supported: ipv4
             AF preserved:
           4-octet AS numbers
           Enhanced refresh
           Long-lived graceful restart
         Session:          external AS4
         Source address:   10.77.0.11
         Hold timer:       6.267/9
         Keepalive timer:  1.154/3
       Channel ipv4
         State:          UP
         Table:          plow4
         Preference:     100
         Input filter:   REJECT
         Output filter:  (unnamed)
         Routes:         0 imported, 2 exported, 0 preferred
         Route change stats:     received   rejected   filtered    ignored   accepted
           Import updates:              0          0          0          0          0
           Import withdraws:            0          0        ---          0          0
           Export updates:              2          0          0        ---          2
           Export withdraws:            0        ---        ---        ---          0
         BGP Next hop:   10.77.0.11
     
1002-plow_10_77_0_99 BGP        ---        start  18:06:51.782  Active        Socket: No route to host
1006-  Router ID:      10.77.0.11
       BGP state:          Active
         Neighbor address: 10.77.0.99
         Neighbor AS:      65000
         Local AS:         65001
         Connect delay:    2.966/5
         Last error:       Socket: No route to host
       Channel ipv4
         State:          DOWN
         Table:          plow4
         Preference:     100
         Input filter:   REJECT
         Output filter:  (unnamed)
     \n`;

export const TABLES = `0001 BIRD 2.0.12 ready.
0016 Access restricted
1007-Table master4:
     
     Table master6:
     
     Table plow4:
     10.55.22.22/32       unicast [plow_taps 18:06:51.798] * (240)
     	dev vm0a371616
     10.55.22.23/32       unicast [plow_taps 18:06:51.798] * (240)
     	dev vm0a371617\n`;

export const EXPORTED = `0001 BIRD 2.0.12 ready.
0016 Access restricted
1007-Table plow4:
     10.55.22.22/32       unicast [plow_taps 18:06:51.798] * (240)
     	dev vm0a371616
     10.55.22.23/32       unicast [plow_taps 18:06:51.798] * (240)
     	dev vm0a371617\n`;

export const NO_CHANNEL = `0001 BIRD 2.0.12 ready.
0016 Access restricted
9001 No valid tables\n`;

export const NO_SUCH = `0001 BIRD 2.0.12 ready.
0016 Access restricted
9001 syntax error, unexpected CF_SYM_UNDEFINED, expecting CF_SYM_KNOWN or TABLE\n`;

/** Of the configuration that an Ansible role makes, without details. */
export const ROLE_PROTOCOLS = `0001 BIRD 2.0.12 ready.
0016 Access restricted
2002-Name       Proto      Table      State  Since         Info
1002-kernel1    Kernel     master4    up     18:01:38.991  
     device1    Device     ---        up     18:01:38.991  
     direct1    Direct     ---        up     18:01:38.991  
     uplink     BGP        ---        up     18:01:39.549  Established   
0000 
`;

/** Made up from the form of the others: two ways to one net, a blackhole, a net that is wider. */
export const TWO_WAYS = `0001 BIRD 3.1.8 ready.
1007-Table master4:
     10.55.22.22/32       unicast [direct1 18:01:39.009] * (240)
     	dev vm0a371616
                          unicast [uplink 18:01:39.009] (100) [AS65000i]
     	via 10.77.0.12 on br0
     10.55.0.0/16         unicast [static1 18:01:39.009] * (200)
     	dev br1
     10.55.0.9/32         blackhole [static1 18:01:39.009] * (200)
0000 
`;
