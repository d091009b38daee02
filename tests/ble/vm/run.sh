#!/usr/bin/env bash
# run.sh OUT COMMAND...: run a command in a microVM whose kernel has Bluetooth.
#
# The guest's root is this machine's, read-only with a layer of memory above it; OUT is its /out. Nothing is emulated but
# the processor: no KVM and no Bluetooth hardware are needed. Kernel and initrd are made once, in BIOTUNE_VM
# (~/.cache/biotune/vm). On Debian for x86-64, once:
#   apt-get install --no-install-recommends bluez busybox-static cpio dbus kmod qemu-system-x86 seabios
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(realpath -m "$1") && shift
guest=${BIOTUNE_VM:-${XDG_CACHE_HOME:-$HOME/.cache}/biotune/vm}
mkdir -p "$out"

if [ ! -e "$guest/initrd.gz" ]; then
  mkdir -p "$guest" && scratch=$(mktemp -d "$guest/making.XXXXXX") && trap 'rm -rf "$scratch"' EXIT
  image=$(apt-cache depends linux-image-amd64 | awk '/Depends:/ {print $2; exit}')
  release=${image#linux-image-}
  (cd "$scratch" && apt-get download -qq -o APT::Sandbox::User=root "$image" && dpkg -x "$image"_*.deb kernel && depmod -b kernel "$release")
  mkdir -p "$scratch"/initrd/{bin,modules,proc,sys,dev,whole,lower,upper}
  cp /bin/busybox "$scratch/initrd/bin/"
  # the file system of the root, randomness, Bluetooth over /dev/vhci and its cryptography, as the kernel's own loader orders them
  for module in virtio_pci 9pnet_virtio 9p overlay virtio_rng drbg ecdh_generic ecb cmac algif_hash algif_skcipher uhid hci_vhci; do
    modprobe -d "$scratch/kernel" -S "$release" -D "$module" 2>/dev/null || true
  done | awk '/^insmod/ && !seen[$2]++ {print $2}' | while read -r file; do
    cp "$file" "$scratch/initrd/modules/" && basename "$file"
  done >"$scratch/initrd/modules/order"
  cp "$here/init" "$scratch/initrd/init" && chmod +x "$scratch/initrd/init"
  (cd "$scratch/initrd" && find . | cpio --quiet -o -H newc | gzip -1) >"$scratch/initrd.gz"
  mv "$scratch/kernel/boot/vmlinuz-$release" "$guest/vmlinuz"
  mv "$scratch/initrd.gz" "$guest/initrd.gz"
fi

rm -f "$out/rc"
printf '%q ' "$@" >"$out/command"
timeout "${BIOTUNE_VM_SECONDS:-400}" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 1536 -nodefaults -no-reboot -display none -serial stdio \
  -kernel "$guest/vmlinuz" -initrd "$guest/initrd.gz" -append "console=ttyS0 quiet loglevel=3 mitigations=off" \
  -fsdev local,id=root,path=/,security_model=none,readonly=on,multidevs=remap -device virtio-9p-pci,fsdev=root,mount_tag=root \
  -fsdev "local,id=out,path=$out,security_model=none" -device virtio-9p-pci,fsdev=out,mount_tag=out \
  -device virtio-rng-pci </dev/null
exit "$(cat "$out/rc")"
