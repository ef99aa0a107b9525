/**
 * The part of libvirt's C API that plow calls, as koffi prototypes.
 * https://libvirt.org/html/index.html
 *
 * `str!` is a char* that the caller owns: koffi copies it and frees it. Each object of libvirt is an opaque
 * type of its own, so that koffi refuses a string or another object where a pointer is expected.
 */

export const OBJECT_TYPES = [
  'virConnect',
  'virDomain',
  'virStoragePool',
  'virStorageVol',
  'virStream',
  'virInterface',
  'virNetwork',
  'virDomainSnapshot',
] as const;

export type ObjectType = (typeof OBJECT_TYPES)[number];

export const PROTOTYPES = {
  virConnectOpen: 'virConnect *virConnectOpen(const char *uri)',
  virConnectOpenReadOnly: 'virConnect *virConnectOpenReadOnly(const char *uri)',
  virConnectClose: 'int virConnectClose(virConnect *conn)',
  virConnectGetCapabilities: 'str! virConnectGetCapabilities(virConnect *conn)',
  virGetVersion: 'int virGetVersion(_Out_ ulong *libVer, const char *type, void *typeVer)',
  virConnectGetLibVersion: 'int virConnectGetLibVersion(virConnect *conn, _Out_ ulong *version)',
  virConnectGetVersion: 'int virConnectGetVersion(virConnect *conn, _Out_ ulong *version)',
  virConnectGetDomainCapabilities:
    'str! virConnectGetDomainCapabilities(virConnect *conn, const char *emulator, const char *arch, const char *machine, const char *virttype, uint flags)',
  virNodeGetMemoryStats:
    'int virNodeGetMemoryStats(virConnect *conn, int cell, void *stats, _Inout_ int *count, uint flags)',
  virNodeGetFreePages:
    'int virNodeGetFreePages(virConnect *conn, uint sizes, void *pages, int firstNode, uint nodes, void *counts, uint flags)',
  virConnectDomainXMLToNative:
    'str! virConnectDomainXMLToNative(virConnect *conn, const char *format, const char *xml, uint flags)',
  virConnectGetAllDomainStats:
    'int virConnectGetAllDomainStats(virConnect *conn, uint stats, _Out_ void **records, uint flags)',
  virDomainListGetStats:
    'int virDomainListGetStats(virDomain **domains, uint stats, _Out_ void **records, uint flags)',
  virDomainStatsRecordListFree: 'void virDomainStatsRecordListFree(void *records)',
  virConnCopyLastError: 'int virConnCopyLastError(virConnect *conn, void *to)',
  virConnResetLastError: 'void virConnResetLastError(virConnect *conn)',
  virResetError: 'void virResetError(void *error)',
  virSetErrorFunc: 'void virSetErrorFunc(void *userData, void *handler)',
  virConnSetErrorFunc: 'void virConnSetErrorFunc(void *connection, void *data, void *handler)',
  virConnectSetKeepAlive: 'int virConnectSetKeepAlive(virConnect *conn, int interval, uint count)',

  // libc's, which libvirt.so.0 needs itself.
  tcgetattr: 'int tcgetattr(int file, void *modes)',
  tcsetattr: 'int tcsetattr(int file, int when, void *modes)',
  cfmakeraw: 'void cfmakeraw(void *modes)',
  getpeername: 'int getpeername(int file, void *address, void *bytes)',
  getsockopt: 'int getsockopt(int file, int level, int option, void *value, void *bytes)',
  memcpy: 'void *memcpy(void *to, void *from, size_t bytes)',

  virEventRegisterDefaultImpl: 'int virEventRegisterDefaultImpl()',
  virEventRunDefaultImpl: 'int virEventRunDefaultImpl()',
  virEventAddTimeout:
    'int virEventAddTimeout(int milliseconds, void *callback, void *opaque, void *freeOpaque)',
  virEventRemoveTimeout: 'int virEventRemoveTimeout(int timer)',

  virConnectListAllInterfaces:
    'int virConnectListAllInterfaces(virConnect *conn, _Out_ void **interfaces, uint flags)',
  virInterfaceLookupByName: 'virInterface *virInterfaceLookupByName(virConnect *conn, const char *name)',
  virInterfaceGetXMLDesc: 'str! virInterfaceGetXMLDesc(virInterface *iface, uint flags)',
  virInterfaceGetName: 'const char *virInterfaceGetName(virInterface *iface)',
  virInterfaceIsActive: 'int virInterfaceIsActive(virInterface *iface)',
  virInterfaceFree: 'int virInterfaceFree(virInterface *iface)',

  virNetworkLookupByName: 'virNetwork *virNetworkLookupByName(virConnect *conn, const char *name)',
  virNetworkGetXMLDesc: 'str! virNetworkGetXMLDesc(virNetwork *network, uint flags)',
  virNetworkGetName: 'const char *virNetworkGetName(virNetwork *network)',
  virNetworkFree: 'int virNetworkFree(virNetwork *network)',

  virConnectIsAlive: 'int virConnectIsAlive(virConnect *conn)',
  virConnectDomainEventRegisterAny:
    'int virConnectDomainEventRegisterAny(virConnect *conn, virDomain *domain, int event, void *callback, void *opaque, void *freeOpaque)',
  virConnectDomainEventDeregisterAny:
    'int virConnectDomainEventDeregisterAny(virConnect *conn, int callback)',

  virConnectListAllDomains:
    'int virConnectListAllDomains(virConnect *conn, _Out_ void **domains, uint flags)',

  virDomainLookupByName: 'virDomain *virDomainLookupByName(virConnect *conn, const char *name)',
  virDomainLookupByUUIDString: 'virDomain *virDomainLookupByUUIDString(virConnect *conn, const char *uuid)',
  virDomainDefineXMLFlags:
    'virDomain *virDomainDefineXMLFlags(virConnect *conn, const char *xml, uint flags)',
  virDomainGetName: 'const char *virDomainGetName(virDomain *domain)',
  virDomainGetID: 'uint virDomainGetID(virDomain *domain)',
  virDomainIsPersistent: 'int virDomainIsPersistent(virDomain *domain)',
  virDomainGetInfo: 'int virDomainGetInfo(virDomain *domain, void *info)',
  virDomainInterfaceAddresses:
    'int virDomainInterfaceAddresses(virDomain *domain, _Out_ void **interfaces, uint source, uint flags)',
  virDomainInterfaceFree: 'void virDomainInterfaceFree(void *iface)',
  virDomainHasManagedSaveImage: 'int virDomainHasManagedSaveImage(virDomain *domain, uint flags)',
  virDomainGetBlockInfo:
    'int virDomainGetBlockInfo(virDomain *domain, const char *disk, void *info, uint flags)',
  virDomainInterfaceStats:
    'int virDomainInterfaceStats(virDomain *domain, const char *device, void *stats, size_t size)',
  virDomainGetUUIDString: 'int virDomainGetUUIDString(virDomain *domain, void *uuid)',
  virDomainGetState:
    'int virDomainGetState(virDomain *domain, _Out_ int *state, _Out_ int *reason, uint flags)',
  virDomainGetXMLDesc: 'str! virDomainGetXMLDesc(virDomain *domain, uint flags)',
  // Of libvirt-qemu.so.0.
  virDomainQemuAgentCommand:
    'str! virDomainQemuAgentCommand(virDomain *domain, const char *command, int seconds, uint flags)',
  virDomainSetMetadata:
    'int virDomainSetMetadata(virDomain *domain, int type, const char *metadata, const char *key, const char *uri, uint flags)',
  virDomainGetAutostart: 'int virDomainGetAutostart(virDomain *domain, _Out_ int *autostart)',
  virDomainSetAutostart: 'int virDomainSetAutostart(virDomain *domain, int autostart)',
  virDomainSaveImageGetXMLDesc:
    'str! virDomainSaveImageGetXMLDesc(virConnect *conn, const char *file, uint flags)',
  virDomainManagedSaveGetXMLDesc: 'str! virDomainManagedSaveGetXMLDesc(virDomain *domain, uint flags)',
  virDomainListAllSnapshots:
    'int virDomainListAllSnapshots(virDomain *domain, _Out_ void **snapshots, uint flags)',
  virDomainSnapshotGetXMLDesc: 'str! virDomainSnapshotGetXMLDesc(virDomainSnapshot *snapshot, uint flags)',
  virDomainSnapshotFree: 'int virDomainSnapshotFree(virDomainSnapshot *snapshot)',
  virDomainSnapshotNum: 'int virDomainSnapshotNum(virDomain *domain, uint flags)',
  virDomainSnapshotCreateXML:
    'virDomainSnapshot *virDomainSnapshotCreateXML(virDomain *domain, const char *xml, uint flags)',
  virDomainSnapshotLookupByName:
    'virDomainSnapshot *virDomainSnapshotLookupByName(virDomain *domain, const char *name, uint flags)',
  virDomainSnapshotCurrent: 'virDomainSnapshot *virDomainSnapshotCurrent(virDomain *domain, uint flags)',
  virDomainSnapshotGetName: 'const char *virDomainSnapshotGetName(virDomainSnapshot *snapshot)',
  virDomainSnapshotDelete: 'int virDomainSnapshotDelete(virDomainSnapshot *snapshot, uint flags)',
  virDomainCreate: 'int virDomainCreate(virDomain *domain)',
  virDomainAttachDeviceFlags:
    'int virDomainAttachDeviceFlags(virDomain *domain, const char *xml, uint flags)',
  virDomainUpdateDeviceFlags:
    'int virDomainUpdateDeviceFlags(virDomain *domain, const char *xml, uint flags)',
  virDomainDetachDeviceFlags:
    'int virDomainDetachDeviceFlags(virDomain *domain, const char *xml, uint flags)',
  virDomainBlockResize:
    'int virDomainBlockResize(virDomain *domain, const char *disk, uint64 size, uint flags)',
  virDomainSetBlockIoTune:
    'int virDomainSetBlockIoTune(virDomain *domain, const char *disk, const void *params, int nparams, uint flags)',
  virDomainSetVcpusFlags: 'int virDomainSetVcpusFlags(virDomain *domain, uint vcpus, uint flags)',
  virDomainSetMemoryFlags: 'int virDomainSetMemoryFlags(virDomain *domain, ulong kib, uint flags)',
  virDomainShutdownFlags: 'int virDomainShutdownFlags(virDomain *domain, uint flags)',
  virDomainSuspend: 'int virDomainSuspend(virDomain *domain)',
  virDomainResume: 'int virDomainResume(virDomain *domain)',
  virDomainPMWakeup: 'int virDomainPMWakeup(virDomain *domain, uint flags)',
  virDomainOpenConsole:
    'int virDomainOpenConsole(virDomain *domain, const char *device, virStream *stream, uint flags)',
  virDomainOpenGraphicsFD: 'int virDomainOpenGraphicsFD(virDomain *domain, uint screen, uint flags)',
  virDomainScreenshot:
    'str! virDomainScreenshot(virDomain *domain, virStream *stream, uint screen, uint flags)',
  virDomainDestroy: 'int virDomainDestroy(virDomain *domain)',
  virDomainUndefineFlags: 'int virDomainUndefineFlags(virDomain *domain, uint flags)',
  virDomainFree: 'int virDomainFree(virDomain *domain)',

  virConnectListAllStoragePools:
    'int virConnectListAllStoragePools(virConnect *conn, _Out_ void **pools, uint flags)',
  virStoragePoolLookupByTargetPath:
    'virStoragePool *virStoragePoolLookupByTargetPath(virConnect *conn, const char *path)',
  virStoragePoolCreateXML:
    'virStoragePool *virStoragePoolCreateXML(virConnect *conn, const char *xml, uint flags)',
  virStoragePoolDefineXML:
    'virStoragePool *virStoragePoolDefineXML(virConnect *conn, const char *xml, uint flags)',
  virStoragePoolGetName: 'const char *virStoragePoolGetName(virStoragePool *pool)',
  virStoragePoolGetXMLDesc: 'str! virStoragePoolGetXMLDesc(virStoragePool *pool, uint flags)',
  virStoragePoolRefresh: 'int virStoragePoolRefresh(virStoragePool *pool, uint flags)',
  virStoragePoolCreate: 'int virStoragePoolCreate(virStoragePool *pool, uint flags)',
  virStoragePoolDestroy: 'int virStoragePoolDestroy(virStoragePool *pool)',
  virStoragePoolDelete: 'int virStoragePoolDelete(virStoragePool *pool, uint flags)',
  virStoragePoolUndefine: 'int virStoragePoolUndefine(virStoragePool *pool)',
  virStoragePoolIsActive: 'int virStoragePoolIsActive(virStoragePool *pool)',
  virStoragePoolIsPersistent: 'int virStoragePoolIsPersistent(virStoragePool *pool)',
  virStoragePoolListAllVolumes:
    'int virStoragePoolListAllVolumes(virStoragePool *pool, _Out_ void **volumes, uint flags)',
  virStoragePoolFree: 'int virStoragePoolFree(virStoragePool *pool)',

  virStorageVolLookupByPath: 'virStorageVol *virStorageVolLookupByPath(virConnect *conn, const char *path)',
  virStorageVolLookupByName:
    'virStorageVol *virStorageVolLookupByName(virStoragePool *pool, const char *name)',
  virStorageVolCreateXML:
    'virStorageVol *virStorageVolCreateXML(virStoragePool *pool, const char *xml, uint flags)',
  virStorageVolCreateXMLFrom:
    'virStorageVol *virStorageVolCreateXMLFrom(virStoragePool *pool, const char *xml, virStorageVol *source, uint flags)',
  virStorageVolGetName: 'const char *virStorageVolGetName(virStorageVol *volume)',
  virStorageVolGetKey: 'const char *virStorageVolGetKey(virStorageVol *volume)',
  virStorageVolGetXMLDesc: 'str! virStorageVolGetXMLDesc(virStorageVol *volume, uint flags)',
  virStorageVolResize: 'int virStorageVolResize(virStorageVol *volume, uint64 capacity, uint flags)',
  virStorageVolUpload:
    'int virStorageVolUpload(virStorageVol *volume, virStream *stream, uint64 offset, uint64 length, uint flags)',
  virStorageVolDownload:
    'int virStorageVolDownload(virStorageVol *volume, virStream *stream, uint64 offset, uint64 length, uint flags)',
  virStorageVolDelete: 'int virStorageVolDelete(virStorageVol *volume, uint flags)',
  virStorageVolFree: 'int virStorageVolFree(virStorageVol *volume)',

  virStreamNew: 'virStream *virStreamNew(virConnect *conn, uint flags)',
  virStreamSend: 'int virStreamSend(virStream *stream, const void *data, size_t length)',
  virStreamSendHole: 'int virStreamSendHole(virStream *stream, int64 length, uint flags)',
  virStreamRecv: 'int virStreamRecv(virStream *stream, void *data, size_t length)',
  virStreamRecvFlags: 'int virStreamRecvFlags(virStream *stream, void *data, size_t length, uint flags)',
  virStreamRecvHole: 'int virStreamRecvHole(virStream *stream, _Out_ int64 *length, uint flags)',
  virStreamFinish: 'int virStreamFinish(virStream *stream)',
  virStreamAbort: 'int virStreamAbort(virStream *stream)',
  virStreamEventAddCallback:
    'int virStreamEventAddCallback(virStream *stream, int events, void *callback, void *opaque, void *freeOpaque)',
  virStreamEventUpdateCallback: 'int virStreamEventUpdateCallback(virStream *stream, int events)',
  virStreamEventRemoveCallback: 'int virStreamEventRemoveCallback(virStream *stream)',
  virStreamFree: 'int virStreamFree(virStream *stream)',
} as const;

export type FunctionName = keyof typeof PROTOTYPES;

/** Function that drops one reference to an object; local, no round trip. */
export const FREE_FUNCTION = {
  virDomain: 'virDomainFree',
  virStoragePool: 'virStoragePoolFree',
  virStorageVol: 'virStorageVolFree',
  virStream: 'virStreamFree',
  virInterface: 'virInterfaceFree',
  virNetwork: 'virNetworkFree',
  virDomainSnapshot: 'virDomainSnapshotFree',
} as const satisfies Record<Exclude<ObjectType, 'virConnect'>, FunctionName>;

export type Freeable = keyof typeof FREE_FUNCTION;
