#!/bin/sh
# Installs what the tests and benchmarks need: Debian packages, npm modules. Says nothing
# when all is there, and starts no service that comes with them.
set -eu
PATH=$PATH:/usr/sbin:/sbin

# package, a command or file by which it is known, and what needs it
needed='
gcc              gcc                                  the race detector; counting instructions
libc6-dev        /usr/include/stdio.h                 the same
qemu-user        qemu-mips                            the program and its tests on the processors of routers
ca-certificates  /etc/ssl/certs/ca-certificates.crt   go fetches its modules over HTTPS
busybox-static   /usr/share/doc/busybox-static        the shell of routers
dnsmasq-base     dnsmasq                              the names for cameras
debootstrap      debootstrap                          a Debian to install the package in
iproute2         ip                                   networks to try it in
nftables         nft                                  the firewall of routers
shellcheck       shellcheck                           the init script
postfix          postfix                              a mail server, run by the tests with a configuration of its own
sasl2-bin        saslpasswd2                          its logins
libsasl2-modules /usr/share/doc/libsasl2-modules      the ways to log in
strace           strace                               the order of what the program asks of the disk
e2fsprogs        mkfs.ext4                            a memory stick of 64 MB
exfat-fuse       mount.exfat-fuse                     a memory stick as it is bought: no links, no owners
exfatprogs       mkfs.exfat                           the same
user-mode-linux  linux.uml                            a machine whose power is cut, with FAT of the kernel
dosfstools       mkfs.vfat                            its memory stick
chromium         chromium                             the pages as people see them
fonts-dejavu-core /usr/share/doc/fonts-dejavu-core    their letters
fonts-roboto-unhinted /usr/share/doc/fonts-roboto-unhinted the same, as phones have them
'

missing=$(echo "$needed" | while read -r package known _; do
	[ -z "$package" ] || command -v "$known" >/dev/null || [ -e "$known" ] || printf ' %s' "$package"
done)

modules() { # of npm, for the tests of pages
	cd "$(dirname "$0")/browser"
	cmp -s package-lock.json node_modules/.installed && return
	npm ci --no-audit --no-fund --loglevel=error
	cp package-lock.json node_modules/.installed
}

[ -n "$missing" ] || { modules; exit 0; }

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	echo "the tests need these Debian packages:$missing" >&2
	echo "hint: as root, apt-get install$missing" >&2
	exit 1
fi
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	trap 'rm -f $policy' EXIT
	printf '#!/bin/sh\nexit 101\n' >$policy
	chmod 755 $policy
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086 # a list of words
apt-get install -q -y --no-install-recommends $missing
modules
