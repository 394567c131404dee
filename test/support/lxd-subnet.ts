/** A subnet for a bridge of a test's own, chosen as for the machine's LXD. */
export { chooseBridgeAddress, routedSubnets } from '../../scripts/lib/ensure-lxd-subnet.ts';
