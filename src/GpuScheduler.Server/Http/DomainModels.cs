namespace GpuScheduler.Server.Http;

/// <summary>The topology domains of the snapshot.</summary>
/// <param name="Generation">Of the snapshot.</param>
/// <param name="Items">The domains.</param>
/// <param name="Reservation">Nodes that are kept for a gang; absent when none are.</param>
internal sealed record DomainListBody(long Generation, IReadOnlyList<DomainBody> Items, ReservationBody? Reservation);

/// <summary>A topology domain.</summary>
/// <param name="Level">Its label key.</param>
/// <param name="Value">The label's value.</param>
/// <param name="Within">The domains around it by label key.</param>
/// <param name="Nodes">Its nodes.</param>
/// <param name="Gpus">GPUs that pods are given one by one.</param>
/// <param name="GpusFree">Those that a pod could be given whole: of which nothing is used, and not on <paramref name="NodesClosed"/>.</param>
/// <param name="FreeMilli">Free thousandths, likewise.</param>
/// <param name="IsWhole">Nothing in it is used.</param>
/// <param name="NodesByFreeGpus">How many nodes have so many <paramref name="GpusFree"/>.</param>
/// <param name="NodesClosed">Nodes that take no more pods with GPUs: cordoned, not healthy, or one pod has them exclusively.</param>
internal sealed record DomainBody(
    string Level, string Value, IReadOnlyDictionary<string, string> Within, int Nodes, int Gpus, int GpusFree, int FreeMilli, bool IsWhole,
    IReadOnlyDictionary<string, int> NodesByFreeGpus, int NodesClosed);

/// <summary>Nodes that are kept for a gang that has waited long.</summary>
/// <param name="Gang">The gang.</param>
/// <param name="Domain">The domain they are in; empty for the whole cluster.</param>
/// <param name="Nodes">Their names.</param>
internal sealed record ReservationBody(string Gang, string Domain, IReadOnlyList<string> Nodes);
